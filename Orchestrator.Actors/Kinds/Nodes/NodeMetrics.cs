using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Metrics about the state of all nodes.</summary>
internal static class NodeMetrics
{
    /// <summary>See <see cref="ResourceDefinition.Metrics"/>.</summary>
    public static readonly ImmutableArray<StateMetric> All =
    [
        new("kube_node_status_condition", "Nodes by the status of each of their conditions.", ["condition", "status"], AddConditions),
        new("kube_node_spec_unschedulable", "Nodes that take no new pods because they are cordoned.", [],
            (node, sum) => sum.Add(node.As<V1Node>().Spec?.Unschedulable == true ? 1 : 0)),
    ];

    private static void AddConditions(KubeObject node, StateSum sum)
    {
        foreach (var condition in node.As<V1Node>().Status?.Conditions ?? [])
        {
            sum.Add(1, condition.Type, condition.Status switch { "True" => "true", "False" => "false", _ => "unknown" });
        }
    }
}
