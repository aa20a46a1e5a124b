using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>Reads what of this host is free, from <c>/proc</c> and its file systems.</summary>
/// <remarks>Definitions: Kubernetes, "Node-pressure Eviction", eviction signals. Memory that is available is the host's less its working set: all that is neither free nor an inactive file page.</remarks>
/// <param name="folder">A folder on the file system with the volumes of pods.</param>
/// <param name="images">The folder of the engine with images and what containers write; null if it is not on this host.</param>
/// <param name="time">The clock.</param>
internal sealed class HostSampler(string folder, Func<CancellationToken, Task<string?>> images, TimeProvider time) : INodeSampler
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EngineBound = TimeSpan.FromSeconds(2);
    private string? _images;

    public async Task<NodeSample> SampleAsync(CancellationToken cancellation)
    {
        _images ??= await FindImagesAsync(cancellation).ConfigureAwait(false);
        var engine = _images;

        // A file system may not answer.
        return await Task.Run(() => Read(folder, engine, time.GetUtcNow()), cancellation).WaitAsync(Bound, time, cancellation).ConfigureAwait(false);
    }

    /// <summary>Memory of a host, from the lines of <c>/proc/meminfo</c>.</summary>
    public static SignalReading Memory(IEnumerable<string> meminfo)
    {
        var kilobytes = meminfo.Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length > 1).ToDictionary(p => p[0], p => Number(p[1]));
        return new SignalReading((kilobytes.GetValueOrDefault("MemFree") + kilobytes.GetValueOrDefault("Inactive(file)")) * 1024, kilobytes.GetValueOrDefault("MemTotal") * 1024);
    }

    /// <summary>Process ids of a host.</summary>
    /// <param name="most">Content of <c>pid_max</c> and <c>threads-max</c>; the lesser counts.</param>
    /// <param name="load">Content of <c>/proc/loadavg</c>: its fourth field ends with the number of threads.</param>
    public static SignalReading Pids(IEnumerable<string> most, string load)
    {
        var all = most.Min(Number);
        return new SignalReading(all - Number(load.Split(' ').ElementAtOrDefault(3)?.Split('/').ElementAtOrDefault(1) ?? ""), all);
    }

    private async Task<string?> FindImagesAsync(CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(EngineBound);
        try
        {
            return await images(bound.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RuntimeUnavailableException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null; // Memory and volumes are there without the engine. It is asked again.
        }
    }

    private static NodeSample Read(string folder, string? images, DateTimeOffset now)
    {
        var readings = ImmutableDictionary.CreateBuilder<EvictionSignal, SignalReading>();
        readings[EvictionSignal.MemoryAvailable] = Memory(File.ReadLines("/proc/meminfo"));
        readings[EvictionSignal.PidAvailable] = Pids([File.ReadAllText("/proc/sys/kernel/pid_max"), File.ReadAllText("/proc/sys/kernel/threads-max")], File.ReadAllText("/proc/loadavg"));
        Add(folder, EvictionSignal.NodefsAvailable, EvictionSignal.NodefsInodesFree);
        if (images is not null)
        {
            Add(images, EvictionSignal.ImagefsAvailable, EvictionSignal.ImagefsInodesFree);
        }

        return new NodeSample(now, readings.ToImmutable(), images is not null && DeviceOf(images) != DeviceOf(folder));

        void Add(string path, EvictionSignal room, EvictionSignal inodes)
        {
            if (Linux.FileSystemOf(path) is not { } facts)
            {
                return;
            }

            readings[room] = new SignalReading(facts.FreeBytes, facts.Bytes);

            // Some file systems, such as btrfs, have no table of inodes that could be full.
            if (facts.Inodes > 0)
            {
                readings[inodes] = new SignalReading(facts.FreeInodes, facts.Inodes);
            }
        }
    }

    private static ulong? DeviceOf(string path)
    {
        using var handle = Linux.Open(null, path);
        return handle is null ? null : Linux.FactsOf(handle)?.Device;
    }

    private static long Number(string text) => long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
