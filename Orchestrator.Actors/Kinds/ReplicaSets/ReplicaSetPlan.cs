using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>The steps that bring a replica set closer to its spec. <c>Status</c> is null if it does not change.</summary>
internal sealed record ReplicaSetPlan(
    int CreateCount,
    IReadOnlyList<PodOutline> Delete,
    IReadOnlyList<PodOutline> Adopt,
    IReadOnlyList<PodOutline> Release,
    V1ReplicaSetStatus? Status,
    TimeSpan? RecheckAfter);

/// <summary>Why the last creation or deletion of a pod was rejected; shown in the ReplicaFailure condition.</summary>
internal sealed record ReplicaFailure(string Reason, string Message)
{
    /// <summary>Returns the first rejected creation or deletion that was not caused by a stale view; null if there is none.</summary>
    public static ReplicaFailure? Of(IEnumerable<RejectedCommand> rejected) => rejected.FirstOrDefault(r => !r.IsStale && r.Command is CreateObject or DeleteObject) is { } first
        ? new ReplicaFailure(first.Command is CreateObject ? "FailedCreate" : "FailedDelete", first.Error.Message)
        : null;
}
