namespace Orchestrator.Node.Hosting;

/// <summary>Gives memory back to the operating system when a host has become quiet. The runtime collects when something is allocated, so a host without work would keep
/// for ever what its busiest minute needed.</summary>
internal sealed class MemoryReturn : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private MemoryUse _use = new(0, 0);

    /// <summary>Starts to look every half minute.</summary>
    public MemoryReturn(TimeProvider time) => _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            (_use, var isDue) = _use.Next(GC.GetTotalAllocatedBytes());
            if (isDue)
            {
                // The mode compacts, and returns what is free at once. It stops the program for a time that grows with what is alive.
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
    }
}

/// <summary>When a collection is worth its pause. Pure.</summary>
/// <param name="Allocated">Bytes allocated since the program's start, at the last look.</param>
/// <param name="Returned">The same, when memory was returned last.</param>
internal readonly record struct MemoryUse(long Allocated, long Returned)
{
    /// <summary>Bytes per look below which a host is quiet. At rest it allocates a tenth of it.</summary>
    public const long Quiet = 32L << 20;

    /// <summary>Bytes allocated since the last time that make another one worth while.</summary>
    public const long Worth = 256L << 20;

    /// <summary>Takes the figure of another look.</summary>
    public (MemoryUse Use, bool IsDue) Next(long allocated)
    {
        var isDue = allocated - Allocated < Quiet && allocated - Returned > Worth;
        return (new MemoryUse(allocated, isDue ? allocated : Returned), isDue);
    }
}
