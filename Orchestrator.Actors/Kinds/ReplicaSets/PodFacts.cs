using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>Readiness and activity of pods, as controllers see them.</summary>
internal static class PodFacts
{
    public static bool IsActive(V1Pod pod) =>
        pod.Status?.Phase is not ("Succeeded" or "Failed") && pod.Metadata.DeletionTimestamp is null;

    public static bool IsReady(V1Pod pod) => ReadyCondition(pod)?.Status == "True";

    public static DateTime? ReadySince(V1Pod pod) => IsReady(pod) ? ReadyCondition(pod)?.LastTransitionTime : null;

    /// <summary>How long until a ready pod counts as available: zero if it does already, null if it is not ready.</summary>
    public static TimeSpan? UntilAvailable(V1Pod pod, int minReadySeconds, DateTimeOffset now)
    {
        if (!IsReady(pod))
        {
            return null;
        }

        if (minReadySeconds <= 0)
        {
            return TimeSpan.Zero;
        }

        if (ReadySince(pod) is not { } since)
        {
            return null;
        }

        var left = since.AddSeconds(minReadySeconds) - now.UtcDateTime;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static V1PodCondition? ReadyCondition(V1Pod pod) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");
}
