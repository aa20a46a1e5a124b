using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Decides how many pods of a job run (Kubernetes: <c>manageJob</c>).</summary>
/// <remarks>A pod that has to go must not count as failed, so it loses its tracking finalizer first and is deleted by the next plan. An active pod without
/// the finalizer is therefore always on its way out.</remarks>
/// <param name="Create">Pods to create.</param>
/// <param name="Delete">Pods to delete.</param>
/// <param name="Untrack">Pods that the next plan deletes.</param>
/// <param name="Wait">Time until pods may be created; null if none waits.</param>
internal sealed record JobSize(IReadOnlyList<NewPod> Create, IReadOnlyList<PodOutline> Delete, IReadOnlyList<PodOutline> Untrack, TimeSpan? Wait)
{
    /// <summary>Maximum number of pods created or deleted by one plan.</summary>
    public const int Burst = 500;

    /// <summary>Returns the steps to the right number of pods for a job that goes on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="indexes">Its completion indexes; null if it has none.</param>
    /// <param name="succeeded">Number of pods, or indexes, that succeeded.</param>
    /// <param name="now">Current time.</param>
    public static JobSize Of(V1Job job, JobPods pods, JobIndexes? indexes, int succeeded, DateTimeOffset now)
    {
        var leaving = pods.Active.Where(p => !JobPods.IsTracked(p)).Take(Burst).ToList();
        var staying = pods.Active.Where(JobPods.IsTracked).ToList();
        var active = staying.Count + pods.Adopt.Count(p => p.IsActive);
        var wanted = Wanted(job, succeeded, active);
        var surplus = indexes?.Superfluous(staying).ToList() ?? [];
        surplus.AddRange(LeastProgressFirst(surplus.Count == 0 ? staying : staying.Except(surplus)).Take(Math.Max(0, active - wanted - surplus.Count)));
        if (surplus.Count > 0)
        {
            return new JobSize([], leaving, [.. surplus.Take(Burst)], null);
        }

        var missing = Math.Min(wanted - active - leaving.Count - (JobFacts.ReplacesOnlyFailed(job) ? pods.Terminating : 0), Burst);
        if (missing <= 0)
        {
            return new JobSize([], leaving, [], null);
        }

        // An index with a limit of its own has a pause of its own.
        var wait = indexes?.Failed is null ? JobBackOff.Remaining(job, pods.Owned, now) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
        {
            return new JobSize([], leaving, [], wait);
        }

        var (create, later) = indexes?.Pending(missing, now) ?? (Enumerable.Repeat(default(NewPod), missing).ToList(), null);
        return new JobSize(create, leaving, [], later);
    }

    /// <summary>Orders active pods for deletion, the least important first.</summary>
    public static IEnumerable<PodOutline> LeastProgressFirst(IEnumerable<PodOutline> pods) => pods
        .OrderBy(p => p.Object.NodeName is { Length: > 0 })
        .ThenBy(p => p.Object.Phase switch { "Unknown" => 1, "Running" => 2, _ => 0 })
        .ThenBy(p => p.IsReady)
        .ThenByDescending(p => p.ReadySince)
        .ThenByDescending(p => p.AllRestarts)
        .ThenByDescending(p => p.CreatedAt)
        .ThenBy(p => p.Object.Uid, StringComparer.Ordinal);

    private static int Wanted(V1Job job, int succeeded, int active) =>
        JobFacts.IsSuspended(job) ? 0
        : job.Spec.Completions is { } completions ? Math.Clamp(completions - succeeded, 0, JobFacts.Parallelism(job))
        : succeeded > 0 ? active // The first success decides; what runs ends by itself.
        : JobFacts.Parallelism(job);
}
