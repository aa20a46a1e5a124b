using System.Globalization;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>Orders pods for scaling down: first those whose loss matters least (Kubernetes' <c>ActivePodsWithRanks</c>).</summary>
internal sealed class PodDeletionOrder(IReadOnlyList<V1Pod> related, DateTimeOffset now) : IComparer<V1Pod>
{
    public const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    private readonly Dictionary<string, int> _podsPerNode = related
        .Where(p => PodFacts.IsActive(p) && !string.IsNullOrEmpty(p.Spec?.NodeName))
        .GroupBy(p => p.Spec.NodeName)
        .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);

    public int Compare(V1Pod? x, V1Pod? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        int[] steps =
        [
            Assigned(x).CompareTo(Assigned(y)),
            PhaseRank(x).CompareTo(PhaseRank(y)),
            PodFacts.IsReady(x).CompareTo(PodFacts.IsReady(y)),
            Cost(x).CompareTo(Cost(y)),
            Colocated(y).CompareTo(Colocated(x)),
            ByAge(x, y, PodFacts.ReadySince(x), PodFacts.ReadySince(y)),
            Restarts(y).CompareTo(Restarts(x)),
            ByAge(x, y, x.Metadata.CreationTimestamp, y.Metadata.CreationTimestamp),
        ];
        return steps.FirstOrDefault(s => s != 0, ById(x, y));
    }

    private static bool Assigned(V1Pod pod) => !string.IsNullOrEmpty(pod.Spec?.NodeName);

    private static int PhaseRank(V1Pod pod) => pod.Status?.Phase switch { "Unknown" => 1, "Running" => 2, _ => 0 };

    private static int Cost(V1Pod pod) =>
        pod.Metadata.Annotations is { } a && a.TryGetValue(CostAnnotation, out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private static int Restarts(V1Pod pod) => pod.Status?.ContainerStatuses?.Select(c => c.RestartCount).DefaultIfEmpty().Max() ?? 0;

    private static int ById(V1Pod x, V1Pod y) => string.CompareOrdinal(x.Metadata.Uid ?? x.Metadata.Name, y.Metadata.Uid ?? y.Metadata.Name);

    private int Colocated(V1Pod pod) => Assigned(pod) ? _podsPerNode.GetValueOrDefault(pod.Spec.NodeName) : 0;

    // Ages are compared by powers of two, then ids, so that it is not always the oldest pods that stay.
    private int ByAge(V1Pod x, V1Pod y, DateTime? xSince, DateTime? ySince)
    {
        if (xSince == ySince || xSince is null || ySince is null)
        {
            return (xSince is not null).CompareTo(ySince is not null);
        }

        var byMagnitude = Magnitude(xSince.Value).CompareTo(Magnitude(ySince.Value));
        return byMagnitude != 0 ? byMagnitude : ById(x, y);
    }

    private int Magnitude(DateTime since)
    {
        var ticks = (now.UtcDateTime - since).Ticks;
        return ticks > 0 ? (int)Math.Log2(ticks * 100.0) : -1;
    }
}
