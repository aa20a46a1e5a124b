using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Metrics about the state of all deployments.</summary>
internal static class DeploymentMetrics
{
    /// <summary>See <see cref="ResourceDefinition.Metrics"/>.</summary>
    public static readonly ImmutableArray<StateMetric> All =
    [
        new("kube_deployment_spec_replicas", "Replicas that the deployments want.", ["namespace"],
            (d, sum) => sum.Add(d.As<V1Deployment>().Spec.Replicas ?? 1, d.Namespace)),
        new("kube_deployment_status_replicas_available", "Replicas of the deployments that are available.", ["namespace"],
            (d, sum) => sum.Add(d.As<V1Deployment>().Status?.AvailableReplicas ?? 0, d.Namespace)),
        new("kube_deployment_status_condition", "Deployments by the status of each of their conditions.", ["namespace", "condition", "status"], AddConditions),
    ];

    private static void AddConditions(KubeObject deployment, StateSum sum)
    {
        foreach (var condition in deployment.As<V1Deployment>().Status?.Conditions ?? [])
        {
            sum.Add(1, deployment.Namespace, condition.Type, condition.Status switch { "True" => "true", "False" => "false", _ => "unknown" });
        }
    }
}
