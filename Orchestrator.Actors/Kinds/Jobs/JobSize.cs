using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Decides how many pods of a job run (Kubernetes: <c>manageJob</c>).</summary>
/// <remarks>A pod that has to go must not count as failed, so it loses its tracking finalizer first and is deleted by the next plan. An active pod without
/// the finalizer is therefore always on its way out.</remarks>
/// <param name="CreateCount">Number of pods to create.</param>
/// <param name="Delete">Pods to delete.</param>
/// <param name="Untrack">Pods that the next plan deletes.</param>
/// <param name="Wait">Time until pods may be created; null if none waits.</param>
internal sealed record JobSize(int CreateCount, IReadOnlyList<PodOutline> Delete, IReadOnlyList<PodOutline> Untrack, TimeSpan? Wait)
{
    /// <summary>Maximum number of pods created or deleted by one plan.</summary>
    public const int Burst = 500;

    /// <summary>Returns the steps to the right number of pods for a job that goes on.</summary>
    public static JobSize Of(V1Job job, JobPods pods, int succeeded, DateTimeOffset now)
    {
        var leaving = pods.Active.Where(p => !JobPods.IsTracked(p)).Take(Burst).ToList();
        var staying = pods.Active.Where(JobPods.IsTracked).ToList();
        var active = staying.Count + pods.Adopt.Count(p => p.IsActive);
        var wanted = Wanted(job, succeeded, active);
        if (active > wanted)
        {
            return new JobSize(0, leaving, [.. LeastProgressFirst(staying).Take(Math.Min(active - wanted, Burst))], null);
        }

        var missing = wanted - active - (JobFacts.ReplacesOnlyFailed(job) ? pods.Terminating + leaving.Count : 0);
        if (missing <= 0)
        {
            return new JobSize(0, leaving, [], null);
        }

        var wait = JobBackOff.Remaining(job, pods.Owned, now);
        return wait > TimeSpan.Zero ? new JobSize(0, leaving, [], wait) : new JobSize(Math.Min(missing, Burst), leaving, [], null);
    }

    private static int Wanted(V1Job job, int succeeded, int active) =>
        JobFacts.IsSuspended(job) ? 0
        : job.Spec.Completions is { } completions ? Math.Clamp(completions - succeeded, 0, JobFacts.Parallelism(job))
        : succeeded > 0 ? active // The first success decides; what runs ends by itself.
        : JobFacts.Parallelism(job);

    private static IEnumerable<PodOutline> LeastProgressFirst(IEnumerable<PodOutline> pods) => pods
        .OrderBy(p => p.Object.NodeName is { Length: > 0 })
        .ThenBy(p => p.Object.Phase switch { "Unknown" => 1, "Running" => 2, _ => 0 })
        .ThenBy(p => p.IsReady)
        .ThenByDescending(p => p.ReadySince)
        .ThenByDescending(p => p.AllRestarts)
        .ThenByDescending(p => p.CreatedAt)
        .ThenBy(p => p.Object.Uid, StringComparer.Ordinal);
}
