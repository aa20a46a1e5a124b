using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The pause before a failed pod is replaced (Kubernetes, "Jobs", "Pod backoff failure policy"). It is computed from the pods that are there, so it
/// survives a restart, and a failed pod that was deleted no longer delays its successor.</summary>
internal static class JobBackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(6);

    /// <summary>Returns the time until a pod may be created; zero or less if it may be now. Each failure since the last success doubles the pause.</summary>
    public static TimeSpan Remaining(V1Job job, IEnumerable<PodOutline> pods, DateTimeOffset now)
    {
        var ended = pods.Where(p => p.FinishedAt is not null).ToList();
        var success = ended.Where(p => p.Object.Phase == "Succeeded").Max(p => p.FinishedAt);
        var failures = ended.Where(p => JobFacts.HasFailed(job, p) && !(p.FinishedAt <= success)).ToList();
        return failures.Count == 0 ? TimeSpan.Zero : Remaining(failures.Count, failures.Max(p => p.FinishedAt)!.Value, now);
    }

    /// <summary>Returns the time that is left of the pause after a number of failures.</summary>
    public static TimeSpan Remaining(int failures, DateTime last, DateTimeOffset now)
    {
        var pause = failures > 10 ? Most : First * Math.Pow(2, failures - 1);
        return last + (pause < Most ? pause : Most) - now.UtcDateTime;
    }
}
