using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The counters of a job's status.</summary>
/// <param name="Succeeded">Pods, or indexes, that succeeded and are counted.</param>
/// <param name="Failed">Pods that failed and are counted.</param>
/// <param name="UncountedSucceeded">Uids of pods that succeeded and are noted only.</param>
/// <param name="UncountedFailed">Uids of pods that failed and are noted only.</param>
/// <param name="Untrack">Pods whose finalizer may be removed.</param>
/// <param name="Completed">Completion indexes that are done; null if the job has none.</param>
internal sealed record JobCounts(
    int Succeeded, int Failed, IReadOnlyList<string> UncountedSucceeded, IReadOnlyList<string> UncountedFailed, IReadOnlyList<PodOutline> Untrack, CompletionIndexes? Completed)
{
    /// <summary>Whether pods are noted and not counted.</summary>
    public bool IsPending => UncountedSucceeded.Count + UncountedFailed.Count > 0;
}
