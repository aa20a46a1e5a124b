using System.Globalization;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>A pod of a daemon set.</summary>
/// <param name="Outline">Its outline.</param>
/// <param name="Node">The node that it is on or waits for; empty if there is none.</param>
/// <param name="Hash">Hash of the revision that it was made from.</param>
/// <param name="Failures">How many pods before it failed on this node, one after the other.</param>
internal sealed record DaemonPod(PodOutline Outline, string Node, string Hash, int Failures)
{
    /// <summary>Label with the hash of the revision.</summary>
    public const string HashLabel = "controller-revision-hash";

    /// <summary>Annotation of a pod that replaces failed ones: how many there were in a row. It makes the back-off survive restarts of the control plane.</summary>
    public const string FailuresAnnotation = "orchestrator.io/failed-daemon-pods";

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(15);

    /// <summary>Name of the pod.</summary>
    public string Name => Outline.Object.Name;

    /// <summary>Reads a pod.</summary>
    public static DaemonPod Of(PodOutline pod)
    {
        var node = pod.Object.NodeName is { Length: > 0 } bound ? bound : DaemonPlacement.Target(PodSpecs.Of(pod.Object).Affinity) ?? "";
        return new DaemonPod(pod, node, pod.Object.Labels.GetValueOrDefault(HashLabel, ""), pod.HasEnded ? FailuresOf(pod) : 0);
    }

    /// <summary>How many pods failed in a row with this one. One that lived for more than twice the longest pause begins anew.</summary>
    public int FailuresWithThis(DateTimeOffset now) => now.UtcDateTime - (Outline.CreatedAt ?? now.UtcDateTime) > 2 * LongestDelay ? 1 : Failures + 1;

    /// <summary>Time until a failed pod is replaced: a second after its creation, twice as long after each further failure, at most 15 minutes.</summary>
    public TimeSpan UntilReplaced(DateTimeOffset now)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(Failures, 20));
        var left = (Outline.CreatedAt ?? now.UtcDateTime) + (delay < LongestDelay ? delay : LongestDelay) - now.UtcDateTime;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static int FailuresOf(PodOutline pod) => (string?)pod.Object.ToNode()["metadata"]!["annotations"]?[FailuresAnnotation] is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var failures) ? failures : 0;
}
