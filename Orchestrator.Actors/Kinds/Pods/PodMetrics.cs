using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Metrics about the state of all pods.</summary>
internal static class PodMetrics
{
    /// <summary>See <see cref="ResourceDefinition.Metrics"/>.</summary>
    public static readonly ImmutableArray<StateMetric> All =
    [
        new("kube_pod_status_phase", "Pods by phase.", ["namespace", "phase"], (pod, sum) => sum.Add(1, pod.Namespace, pod.Phase ?? "Pending")),
        new("kube_pod_status_ready", "Pods by the status of their condition Ready; those that have ended are not in it.", ["namespace", "condition"], AddReady),
        new("kube_pod_container_status_restarts_total", "Restarts of the containers of the pods that exist. It falls when pods are deleted.", ["namespace"],
            (pod, sum) => sum.Add(PodOutline.Of(pod).AllRestarts, pod.Namespace)),
    ];

    private static void AddReady(KubeObject pod, StateSum sum)
    {
        if (PodOutline.Of(pod) is { HasEnded: false } outline)
        {
            sum.Add(1, pod.Namespace, outline.IsReady ? "true" : "false");
        }
    }
}
