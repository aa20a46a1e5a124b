using System.Runtime.InteropServices;

namespace Orchestrator.Node.Hosting;

/// <summary>Gives memory back to the operating system when a host has become quiet. The runtime collects when something is allocated, and the C library keeps what TLS connections
/// freed, so a host without work would keep for ever what its busiest minute needed.</summary>
internal sealed class MemoryReturn : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private MemoryUse _use;

    /// <summary>Starts to look every half minute.</summary>
    public MemoryReturn(TimeProvider time) => _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            (_use, var isDue) = _use.Next(GC.GetTotalAllocatedBytes(), Environment.WorkingSet);
            if (isDue)
            {
                // This mode compacts, and returns at once what is free. It stops the program for a time that grows with what is alive.
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                Trim();
                _use = _use with { Resident = Environment.WorkingSet };
            }
        }
    }

    private static void Trim()
    {
        try
        {
            _ = TrimAllocator(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not every C library has it.
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int TrimAllocator(nuint keep);
}

/// <summary>Decides when to return memory: when a host has grown and become quiet. Pure.</summary>
/// <param name="Allocated">Bytes allocated since the program's start, at the last look.</param>
/// <param name="Resident">Bytes of resident memory after the last return, or fewer, if it became less since then.</param>
internal readonly record struct MemoryUse(long Allocated, long Resident)
{
    /// <summary>Bytes allocated between two looks below which a host is quiet. At rest it allocates a few of them.</summary>
    public const long Quiet = 32L << 20;

    /// <summary>Bytes by which it must have grown to make the pause worth while.</summary>
    public const long Worth = 64L << 20;

    /// <summary>Takes the figures of another look.</summary>
    public (MemoryUse Use, bool IsDue) Next(long allocated, long resident) =>
        (new MemoryUse(allocated, Math.Min(Resident, resident)), allocated - Allocated < Quiet && resident - Resident > Worth);
}
