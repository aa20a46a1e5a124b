using System.Collections.Immutable;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Actors.Resources;

/// <summary>The kinds that come with the program: a new one is its folder, and its line here.</summary>
internal static class BuiltIn
{
    public static readonly ImmutableArray<ResourceDefinition> All =
    [
        ConfigMapDefinition.Instance,
        EventDefinition.Instance,
        NamespaceDefinition.Instance,
        NodeDefinition.Instance,
        PodDefinition.Instance,
        SecretDefinition.Instance,
        ServiceAccountDefinition.Instance,
        ServiceDefinition.Instance,
        DeploymentDefinition.Instance,
        ReplicaSetDefinition.Instance,
    ];
}
