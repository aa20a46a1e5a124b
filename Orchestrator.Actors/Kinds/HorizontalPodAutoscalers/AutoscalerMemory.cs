using System.Collections.Immutable;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>What an autoscaler has to remember of its last decisions. It is not journaled and is lost when its host stops, as in Kubernetes.</summary>
/// <param name="SyncedAt">Time of the last decision.</param>
/// <param name="Generation">Generation of the autoscaler by then.</param>
/// <param name="Recommendations">What the metrics asked for, before stabilization, within the longer of its windows.</param>
/// <param name="ScaleUps">Changes that added pods, within the longest period of its policies.</param>
/// <param name="ScaleDowns">Changes that removed pods, likewise.</param>
/// <param name="Pending">A new size that was sent to the target and whose outcome the status does not show yet; null if there is none.</param>
internal sealed record AutoscalerMemory(DateTimeOffset SyncedAt, long Generation, ImmutableArray<Recommendation> Recommendations,
    ImmutableArray<ScaleChange> ScaleUps, ImmutableArray<ScaleChange> ScaleDowns, PendingRescale? Pending = null)
{
    /// <summary>Of an autoscaler that has not decided yet.</summary>
    public static readonly AutoscalerMemory Empty = new(DateTimeOffset.MinValue, 0, [], [], []);

    /// <summary>Records a change of the target's size, and forgets those before a time.</summary>
    public AutoscalerMemory After(int from, int to, DateTimeOffset now, DateTimeOffset oldest)
    {
        var change = new ScaleChange(Math.Abs(to - from), now);
        return to > from ? this with { ScaleUps = [.. ScaleUps.Where(c => c.At >= oldest), change] } : this with { ScaleDowns = [.. ScaleDowns.Where(c => c.At >= oldest), change] };
    }
}

/// <summary>A number of replicas that the metrics asked for.</summary>
internal readonly record struct Recommendation(int Replicas, DateTimeOffset At);

/// <summary>A change of the target's size by a number of pods.</summary>
internal readonly record struct ScaleChange(int Pods, DateTimeOffset At);

/// <summary>A change of the target's size whose outcome is not in the status yet.</summary>
/// <param name="Status">The status once it is accepted.</param>
/// <param name="Accepted">The memory once it is accepted.</param>
internal sealed record PendingRescale(V2HorizontalPodAutoscalerStatus Status, AutoscalerMemory Accepted);
