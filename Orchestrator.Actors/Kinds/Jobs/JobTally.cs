using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Counts each pod of a job exactly once, whatever is deleted or crashes in between. A pod that ended is noted in
/// <c>status.uncountedTerminatedPods</c>; once that is stored, its finalizer is removed; once that is seen, it moves to <c>status.succeeded</c> or
/// <c>status.failed</c> (Kubernetes, "Jobs", "Job tracking with finalizers").</summary>
internal sealed class JobTally
{
    /// <summary>Most pods that are noted and not counted, which bounds the size of the status.</summary>
    public const int MaxUncounted = 500;

    private readonly V1Job _job;
    private readonly JobPods _pods;
    private readonly JobIndexes? _indexes;
    private readonly HashSet<string> _noted;
    private readonly HashSet<string> _ignored;
    private readonly List<string> _succeeded;
    private readonly List<string> _failed;

    /// <param name="job">The job.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="indexes">Its completion indexes, which are counted instead of pods that succeeded; null if it has none.</param>
    public JobTally(V1Job job, JobPods pods, JobIndexes? indexes)
    {
        (_job, _pods, _indexes) = (job, pods, indexes);
        var uncounted = job.Status?.UncountedTerminatedPods;
        _succeeded = [.. (uncounted?.Succeeded ?? []).OfType<string>()];
        _failed = [.. (uncounted?.Failed ?? []).OfType<string>()];
        _noted = [.. _succeeded, .. _failed];
        var fresh = pods.Tracked.Values.Where(p => !_noted.Contains(p.Object.Uid)).OrderBy(p => p.Object.Name, StringComparer.Ordinal).ToList();
        NewlySucceeded = [.. fresh.Where(p => p.Object.Phase == "Succeeded" && indexes is null)];
        _ignored = [.. pods.Tracked.Values.Where(p => JobFacts.HasFailed(job, p) && (!IsOf(p) || !PodFailureRules.Of(job, p).IsCounted)).Select(p => p.Object.Uid)];
        NewlyFailed = [.. fresh.Where(p => JobFacts.HasFailed(job, p) && !_ignored.Contains(p.Object.Uid))];
    }

    /// <summary>Pods that succeeded and are not noted.</summary>
    public IReadOnlyList<PodOutline> NewlySucceeded { get; }

    /// <summary>Pods that failed, count as such, and are not noted.</summary>
    public IReadOnlyList<PodOutline> NewlyFailed { get; }

    /// <summary>All pods, or indexes, that succeeded.</summary>
    public int Succeeded => _indexes?.Succeeded.Count ?? (_job.Status?.Succeeded ?? 0) + _succeeded.Count + NewlySucceeded.Count;

    /// <summary>All pods that failed.</summary>
    public int Failed => (_job.Status?.Failed ?? 0) + _failed.Count + NewlyFailed.Count;

    /// <summary>Returns the counters, and the pods whose finalizer may be removed.</summary>
    /// <param name="outcome">How the job ends; null if that is open. Once it is decided, pods that are being deleted need not end to be counted.</param>
    public JobCounts Count(JobOutcome? outcome)
    {
        var isOver = outcome is not null || _job.Metadata.DeletionTimestamp is not null;
        HashSet<string> held = isOver ? [] : [.. _indexes?.Held.Values.Select(p => p.Object.Uid) ?? []];

        // If the job succeeded, what it ends now did not fail.
        List<string> failed = [.. NewlyFailed.Where(p => !held.Contains(p.Object.Uid) && (outcome is null or { IsFailure: true } || p.HasEnded)).Select(p => p.Object.Uid)];
        List<PodOutline> untrack = [.. _pods.Tracked.Values.Where(p => !held.Contains(p.Object.Uid) && MayGo(p))];
        if (isOver)
        {
            // What else there is will not end on its own account. If the job failed, so did they.
            HashSet<string> known = [.. failed, .. _noted, .. untrack.Select(p => p.Object.Uid)];
            var rest = _pods.Tracked.Values.Where(p => !p.HasEnded && (p.Object.IsDeleting || _job.Metadata.DeletionTimestamp is not null) && !known.Contains(p.Object.Uid)).ToList();
            var fails = outcome is { IsFailure: true };
            failed.AddRange(rest.Where(p => fails && IsOf(p)).Select(p => p.Object.Uid));
            untrack.AddRange(rest.Where(p => !(fails && IsOf(p))));
        }

        List<string> notedSucceeded = [.. _succeeded.Where(_pods.Tracked.ContainsKey)];
        List<string> notedFailed = [.. _failed.Where(_pods.Tracked.ContainsKey)];
        var room = Math.Max(0, MaxUncounted - notedSucceeded.Count - notedFailed.Count);
        var completed = _indexes?.Recorded.With(Take(_indexes.NewlySucceeded));
        return new JobCounts(
            completed?.Count ?? (_job.Status?.Succeeded ?? 0) + _succeeded.Count - notedSucceeded.Count,
            (_job.Status?.Failed ?? 0) + _failed.Count - notedFailed.Count,
            [.. notedSucceeded, .. Take(NewlySucceeded.Select(p => p.Object.Uid))],
            [.. notedFailed, .. Take(failed)],
            untrack,
            completed);

        List<T> Take<T>(IEnumerable<T> items)
        {
            var taken = items.Take(room).ToList();
            room -= taken.Count;
            return taken;
        }
    }

    private bool IsOf(PodOutline pod) => _indexes?.IsValid(pod) ?? true;

    // Whether the stored status has the pod, or it is none to be counted.
    private bool MayGo(PodOutline pod) =>
        _noted.Contains(pod.Object.Uid) || _ignored.Contains(pod.Object.Uid)
        || (_indexes is not null && pod.Object.Phase == "Succeeded" && (!IsOf(pod) || _indexes.Recorded.Contains(pod.CompletionIndex!.Value)));
}
