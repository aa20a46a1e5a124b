using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>Orders pods for scaling down, least important first (Kubernetes: <c>ActivePodsWithRanks</c>).</summary>
internal sealed class PodDeletionOrder(IReadOnlyList<PodOutline> related, DateTimeOffset now) : IComparer<PodOutline>
{
    private readonly Dictionary<string, int> _podsPerNode = related
        .Where(p => p.IsActive && Assigned(p))
        .GroupBy(p => p.Object.NodeName!)
        .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);

    public int Compare(PodOutline? x, PodOutline? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        int[] steps =
        [
            Assigned(x).CompareTo(Assigned(y)),
            PhaseRank(x).CompareTo(PhaseRank(y)),
            x.IsReady.CompareTo(y.IsReady),
            x.DeletionCost.CompareTo(y.DeletionCost),
            Colocated(y).CompareTo(Colocated(x)),
            ByAge(x, y, x.ReadySince, y.ReadySince),
            y.Restarts.CompareTo(x.Restarts),
            ByAge(x, y, x.CreatedAt, y.CreatedAt),
        ];
        return steps.FirstOrDefault(s => s != 0, ById(x, y));
    }

    private static bool Assigned(PodOutline pod) => pod.Object.NodeName is { Length: > 0 };

    private static int PhaseRank(PodOutline pod) => pod.Object.Phase switch { "Unknown" => 1, "Running" => 2, _ => 0 };

    private static int ById(PodOutline x, PodOutline y) => string.CompareOrdinal(x.Object.Uid, y.Object.Uid);

    private int Colocated(PodOutline pod) => Assigned(pod) ? _podsPerNode.GetValueOrDefault(pod.Object.NodeName!) : 0;

    // Ages are compared by powers of two, then uids, so that the oldest pods are not always kept.
    private int ByAge(PodOutline x, PodOutline y, DateTime? xSince, DateTime? ySince)
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
