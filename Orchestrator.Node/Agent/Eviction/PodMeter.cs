using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>Measures what pods use, so that it can be said which is to be evicted.</summary>
internal interface IPodMeter
{
    /// <summary>Memory and processes, by uid.</summary>
    Task<IReadOnlyDictionary<string, PodUse>> RunningAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation);

    /// <summary>What containers have written, their logs and their volumes, by uid. Walks trees.</summary>
    Task<IReadOnlyDictionary<string, PodUse>> DiskAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation);
}

/// <summary>Measures pods by the counters of the runtime and by their files.</summary>
/// <param name="stats">The counters.</param>
/// <param name="disk">Where the files of containers are.</param>
/// <param name="volumes">Parent folder of pod volumes.</param>
internal sealed class PodMeter(IContainerStats stats, IContainerDisk disk, string volumes) : IPodMeter
{
    private const int MostRotated = 100;

    // Less than anybody waits for. What is not counted by then counts as what was seen.
    private static readonly TimeSpan Walk = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);

    public async Task<IReadOnlyDictionary<string, PodUse>> RunningAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation) =>
        (await stats.StatsAsync(pods, cancellation).ConfigureAwait(false)).Containers.GroupBy(c => c.PodUid)
            .ToDictionary(pod => pod.Key, pod => PodUse.None with { Containers = [.. pod.Select(c => new ContainerUse(c.Name, c.Counters.WorkingSetBytes, c.Processes))] });

    public async Task<IReadOnlyDictionary<string, PodUse>> DiskAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation)
    {
        var files = (await disk.FilesAsync(pods, cancellation).ConfigureAwait(false)).ToLookup(f => f.PodUid);

        // One tree after the other, on a thread of its own: it is no hurry, and the disk is busy enough.
        return await Task.Run(() => Disk(pods, files, cancellation), cancellation).ConfigureAwait(false);
    }

    // Each pod has its share of the time that is left, so that one with very many files takes none from the others.
    private Dictionary<string, PodUse> Disk(IReadOnlyCollection<KubeObject> pods, ILookup<string, ContainerFiles> files, CancellationToken cancellation)
    {
        var uses = new Dictionary<string, PodUse>();
        var began = Stopwatch.GetTimestamp();
        foreach (var pod in pods)
        {
            using var share = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            share.CancelAfter((Walk - Stopwatch.GetElapsedTime(began)) / (pods.Count - uses.Count) is var left && left > Least ? left : Least);
            uses[pod.Uid] = Disk(pod, files[pod.Uid], share.Token);
        }

        return uses;
    }

    private PodUse Disk(KubeObject pod, IEnumerable<ContainerFiles> files, CancellationToken cancellation) => new(
        [.. files.Select(f => new ContainerUse(f.Container, Layer: f.Layer is { } layer ? DiskWalk.Of(layer, cancellation) : new DiskUse(f.LayerBytes, 0), Logs: Logs(f.Log)))],
        (PodSpecs.Of(pod).Volumes ?? []).Where(v => v.EmptyDir is { Medium: not "Memory" })
            .ToImmutableDictionary(v => v.Name, v => DiskWalk.Of(Path.Combine(volumes, pod.Uid, "volumes", v.Name), cancellation)));

    // The engine moves a log that is full to PATH.1, PATH.2, …
    private static DiskUse Logs(string? path) => path is null ? DiskUse.None
        : Enumerable.Range(0, MostRotated).Select(i => new FileInfo(i == 0 ? path : $"{path}.{i}")).TakeWhile(f => f.Exists).Aggregate(DiskUse.None, (sum, f) => sum + new DiskUse(f.Length, 1));
}
