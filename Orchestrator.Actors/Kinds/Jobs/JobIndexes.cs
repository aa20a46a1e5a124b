using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The completion indexes of an indexed job: which are done, which have failed, and which need a pod (Kubernetes, "Jobs", "Completion mode").</summary>
internal sealed class JobIndexes
{
    private readonly V1Job _job;
    private readonly JobPods _pods;
    private readonly int _completions;
    private readonly HashSet<int> _active;

    private JobIndexes(V1Job job, JobPods pods)
    {
        (_job, _pods, _completions) = (job, pods, job.Spec.Completions ?? 0);
        _active = [.. pods.Active.Concat(pods.Adopt.Where(p => p.IsActive)).Select(p => p.CompletionIndex).OfType<int>()];
        Recorded = CompletionIndexes.Parse(job.Status?.CompletedIndexes, _completions) ?? CompletionIndexes.None;
        // One that is noted as failed, because it was being deleted, stays so however it ends.
        HashSet<string> noted = [.. job.Status?.UncountedTerminatedPods?.Failed ?? []];
        NewlySucceeded = [.. pods.Tracked.Values.Where(p => p.Object.Phase == "Succeeded" && IsValid(p) && !Recorded.Contains(p.CompletionIndex!.Value) && !noted.Contains(p.Object.Uid))
            .Select(p => p.CompletionIndex!.Value).Distinct().Order()];
        Succeeded = Recorded.With(NewlySucceeded);
        if (job.Spec.BackoffLimitPerIndex is not null)
        {
            // Once the outcome is decided, pods are ended by the job and not by a failure of their index.
            Failed = CompletionIndexes.Parse(job.Status?.FailedIndexes, _completions) ?? CompletionIndexes.None;
            Failed = JobOutcome.Of(job) is not null ? Failed
                : Failed.With(pods.Tracked.Values.Where(p => IsValid(p) && JobFacts.HasFailed(job, p) && HasUsedUp(p)).Select(p => p.CompletionIndex!.Value));

            // A pod that was being deleted, and had a successor for it, may have succeeded nevertheless. What is done has not failed.
            var failed = Failed;
            Failed = failed.CountIn(Succeeded) == 0 ? failed
                : CompletionIndexes.None.With(Enumerable.Range(0, _completions).Where(i => failed.Contains(i) && !Succeeded.Contains(i)));
            foreach (var pod in pods.Tracked.Values.Where(IsLastOfItsIndex))
            {
                if (!Held.TryGetValue(pod.CompletionIndex!.Value, out var other) || AllFailures(other) <= AllFailures(pod))
                {
                    Held[pod.CompletionIndex.Value] = pod;
                }
            }
        }
    }

    /// <summary>Indexes that the stored status shows as done.</summary>
    public CompletionIndexes Recorded { get; }

    /// <summary>Indexes that are done and not in the stored status.</summary>
    public IReadOnlyList<int> NewlySucceeded { get; }

    /// <summary>Indexes that are done.</summary>
    public CompletionIndexes Succeeded { get; }

    /// <summary>Indexes that have used up their back-off limit; null if indexes have none of their own.</summary>
    public CompletionIndexes? Failed { get; }

    /// <summary>By index: the failed pod that must stay until its successor, which takes over its number of failures, is there.</summary>
    public Dictionary<int, PodOutline> Held { get; } = [];

    /// <summary>Returns the indexes of a job; null if it is not indexed.</summary>
    public static JobIndexes? Of(V1Job job, JobPods pods) => job.Spec.CompletionMode == "Indexed" ? new JobIndexes(job, pods) : null;

    /// <summary>Whether a pod has an index of the job.</summary>
    public bool IsValid(PodOutline pod) => pod.CompletionIndex < _completions;

    /// <summary>Returns the failure of a job with too many failed indexes; null if it may go on.</summary>
    public JobOutcome? Exhausted() =>
        Failed is null ? null
        : Failed.Count > _job.Spec.MaxFailedIndexes
            ? JobOutcome.Failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
        : Failed.Count > 0 && Failed.Count + Succeeded.Count >= _completions ? JobOutcome.Failure("FailedIndexes", "Job has failed indexes")
        : null;

    /// <summary>Returns the active pods without an index of the job, and those of an index that another one has too.</summary>
    public IEnumerable<PodOutline> Superfluous(IReadOnlyList<PodOutline> active) => active
        .GroupBy(p => IsValid(p) ? p.CompletionIndex : null)
        .SelectMany(g => g.Key is null ? g : JobSize.LeastProgressFirst(g).SkipLast(1));

    /// <summary>Returns the pods to create, at most a number, and the time until the next one may be if an index still has to wait.</summary>
    public (IReadOnlyList<NewPod> Create, TimeSpan? Wait) Pending(int most, DateTimeOffset now)
    {
        var taken = Succeeded.With(_active);
        taken = Failed is null ? taken : taken.With(Enumerable.Range(0, _completions).Where(Failed.Contains));
        if (JobFacts.ReplacesOnlyFailed(_job))
        {
            taken = taken.With(_pods.Owned.Where(p => p.Object.IsDeleting && !p.HasEnded).Select(p => p.CompletionIndex).OfType<int>());
        }

        List<NewPod> create = [];
        TimeSpan? wait = null;
        foreach (var index in taken.Missing(_completions).Take(most))
        {
            var former = Held.GetValueOrDefault(index);
            var left = former?.FinishedAt is { } at ? JobBackOff.Remaining(AllFailures(former) + 1, at, now) : TimeSpan.Zero;
            if (left > TimeSpan.Zero)
            {
                wait = wait is null || left < wait ? left : wait;
            }
            else
            {
                create.Add(Successor(index, former));
            }
        }

        return (create, wait);
    }

    private static int AllFailures(PodOutline pod) => pod.IndexFailures + pod.IgnoredIndexFailures;

    private NewPod Successor(int index, PodOutline? former) =>
        former is null ? new(index, 0, 0)
        : PodFailureRules.Of(_job, former).IsCounted ? new(index, former.IndexFailures + 1, former.IgnoredIndexFailures)
        : new(index, former.IndexFailures, former.IgnoredIndexFailures + 1);

    private bool HasUsedUp(PodOutline pod) =>
        PodFailureRules.Of(_job, pod) is var rules && (rules.FailsIndex || (rules.IsCounted && pod.IndexFailures >= _job.Spec.BackoffLimitPerIndex));

    // Nobody else knows how often its index failed.
    private bool IsLastOfItsIndex(PodOutline pod) => IsValid(pod) && JobFacts.HasFailed(_job, pod) && pod.CompletionIndex is { } index
        && !Succeeded.Contains(index) && !Failed!.Contains(index) && !_active.Contains(index);
}
