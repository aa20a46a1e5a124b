using k8s.Models;

namespace Orchestrator.Actors.ReplicaSets;

/// <summary>What has to happen for a replica set to come closer to its spec; <c>Status</c> is null when it did not change.</summary>
internal sealed record ReplicaSetPlan(
    int CreateCount,
    IReadOnlyList<V1Pod> Delete,
    IReadOnlyList<V1Pod> Adopt,
    IReadOnlyList<V1Pod> Release,
    V1ReplicaSetStatus? Status,
    TimeSpan? RecheckAfter);

/// <summary>Why the last creation or deletion of pods was refused, to be told in the ReplicaFailure condition.</summary>
internal sealed record ReplicaFailure(string Reason, string Message);
