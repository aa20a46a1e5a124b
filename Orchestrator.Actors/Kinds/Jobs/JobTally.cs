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
    private readonly HashSet<string> _noted;
    private readonly List<string> _succeeded;
    private readonly List<string> _failed;

    public JobTally(V1Job job, JobPods pods)
    {
        (_job, _pods) = (job, pods);
        var uncounted = job.Status?.UncountedTerminatedPods;
        _succeeded = [.. uncounted?.Succeeded ?? []];
        _failed = [.. uncounted?.Failed ?? []];
        _noted = [.. _succeeded, .. _failed];
        var fresh = pods.Tracked.Values.Where(p => !_noted.Contains(p.Object.Uid)).OrderBy(p => p.Object.Name, StringComparer.Ordinal).ToList();
        NewlySucceeded = [.. fresh.Where(p => p.Object.Phase == "Succeeded")];
        NewlyFailed = [.. fresh.Where(p => JobFacts.HasFailed(job, p))];
    }

    /// <summary>Pods that succeeded and are not noted.</summary>
    public IReadOnlyList<PodOutline> NewlySucceeded { get; }

    /// <summary>Pods that failed and are not noted.</summary>
    public IReadOnlyList<PodOutline> NewlyFailed { get; }

    /// <summary>All pods that succeeded.</summary>
    public int Succeeded => (_job.Status?.Succeeded ?? 0) + _succeeded.Count + NewlySucceeded.Count;

    /// <summary>All pods that failed.</summary>
    public int Failed => (_job.Status?.Failed ?? 0) + _failed.Count + NewlyFailed.Count;

    /// <summary>Returns the counters, and the pods whose finalizer may be removed.</summary>
    /// <param name="outcome">How the job ends; null if that is open. Once it is settled, pods that are being deleted need not end to be counted.</param>
    public JobCounts Count(JobOutcome? outcome)
    {
        var counted = _succeeded.Count(u => !_pods.Tracked.ContainsKey(u));
        var countedFailed = _failed.Count(u => !_pods.Tracked.ContainsKey(u));
        List<string> succeeded = [.. _succeeded.Where(_pods.Tracked.ContainsKey), .. NewlySucceeded.Select(p => p.Object.Uid)];
        List<string> failed = [.. _failed.Where(_pods.Tracked.ContainsKey), .. NewlyFailed.Select(p => p.Object.Uid)];
        List<PodOutline> untrack = [.. _pods.Tracked.Where(p => _noted.Contains(p.Key)).Select(p => p.Value)];
        if (outcome is not null || _job.Metadata.DeletionTimestamp is not null)
        {
            // What else there is will not end on its own account. If the job failed, so did they.
            var rest = _pods.Tracked.Values.Where(p => !_noted.Contains(p.Object.Uid) && !p.HasEnded && !JobFacts.HasFailed(_job, p)
                && (p.Object.IsDeleting || _job.Metadata.DeletionTimestamp is not null));
            if (outcome is { IsFailure: true })
            {
                failed.AddRange(rest.Select(p => p.Object.Uid));
            }
            else
            {
                untrack.AddRange(rest);
            }
        }

        var room = Math.Max(0, MaxUncounted - succeeded.Count(_noted.Contains) - failed.Count(_noted.Contains));
        return new JobCounts(
            (_job.Status?.Succeeded ?? 0) + counted, (_job.Status?.Failed ?? 0) + countedFailed, Bounded(succeeded, ref room), Bounded(failed, ref room), untrack);
    }

    private List<string> Bounded(List<string> uids, ref int room)
    {
        List<string> kept = [];
        foreach (var uid in uids)
        {
            if (_noted.Contains(uid) || room-- > 0)
            {
                kept.Add(uid);
            }
        }

        return kept;
    }
}
