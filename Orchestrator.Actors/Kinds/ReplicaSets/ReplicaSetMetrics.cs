using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>Metrics about the state of all replica sets.</summary>
internal static class ReplicaSetMetrics
{
    /// <summary>See <see cref="ResourceDefinition.Metrics"/>.</summary>
    public static readonly ImmutableArray<StateMetric> All =
    [
        new("kube_replicaset_spec_replicas", "Replicas that the replica sets want.", ["namespace"],
            (s, sum) => sum.Add(s.As<V1ReplicaSet>().Spec.Replicas ?? 1, s.Namespace)),
        new("kube_replicaset_status_ready_replicas", "Replicas of the replica sets that are ready.", ["namespace"],
            (s, sum) => sum.Add(s.As<V1ReplicaSet>().Status?.ReadyReplicas ?? 0, s.Namespace)),
    ];
}
