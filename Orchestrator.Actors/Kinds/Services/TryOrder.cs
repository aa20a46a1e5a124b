using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The order in which free addresses and ports are looked for. Pure.</summary>
/// <remarks>The upper part comes first: the lower part is left to services that ask for an address or port of their choice, such as the cluster's DNS (Kubernetes, "Service ClusterIP
/// allocation" and "NodePort", reserve ports to avoid collisions).</remarks>
internal static class TryOrder
{
    /// <summary>The numbers below <paramref name="count"/>: the upper part from somewhere on, then the lower one. A range without an upper part has one part only.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="lower">How many belong to the lower part.</param>
    /// <param name="key">For whom. Each begins elsewhere, so that many that come at once rarely want the same.</param>
    public static IEnumerable<int> Of(int count, int lower, string key)
    {
        lower = lower < count ? lower : 0;
        var (upper, start) = (count - lower, StableHash.Of(key));
        return Enumerable.Range(0, upper).Select(i => lower + (int)((start + (uint)i) % (uint)upper)).Concat(Enumerable.Range(0, lower));
    }
}
