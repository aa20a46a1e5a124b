using System.Collections.Immutable;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>The last usages of one node or pod, the oldest first. Thread-safe.</summary>
internal sealed class UsageHistory
{
    private readonly Queue<UsagePoint> _points = new();

    /// <summary>Adds a usage and forgets the oldest ones beyond a number.</summary>
    public void Add(ResourceUsage usage, int most)
    {
        lock (_points)
        {
            _points.Enqueue(UsagePoint.Of(usage));
            while (_points.Count > most)
            {
                _points.Dequeue();
            }

            if (_points.Capacity > 2 * most)
            {
                _points.TrimExcess(most);
            }
        }
    }

    /// <summary>Returns a copy.</summary>
    public ImmutableArray<UsagePoint> Points()
    {
        lock (_points)
        {
            return [.. _points];
        }
    }
}

/// <summary>A usage in the past, in 12 bytes.</summary>
/// <param name="Seconds">Time as seconds since 1970.</param>
/// <param name="CpuMicrocores">CPU use in millionths of a core; at most 4,294 cores.</param>
/// <param name="MemoryKibibytes">Working set in KiB; at most 4 TiB.</param>
public readonly record struct UsagePoint(uint Seconds, uint CpuMicrocores, uint MemoryKibibytes)
{
    /// <summary>Size in bytes.</summary>
    internal const int Size = 12;

    internal static UsagePoint Of(ResourceUsage usage) => new(Bounded(usage.At.ToUnixTimeSeconds()), Bounded(usage.CpuNanocores / 1000), Bounded(usage.MemoryBytes / 1024));

    private static uint Bounded(long value) => (uint)Math.Clamp(value, 0, uint.MaxValue);
}
