using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>What nodes and pods use, as their agents reported it, with the last hours of each. One per control host, in memory. Reads are thread-safe; one actor writes.</summary>
/// <remarks>The history has at most 32 MiB: up to 720 points of 12 bytes (three hours at 15 s, 8.4 KiB) of each node and pod, fewer of each when there are more than 3,800
/// of them, and 8 at least. What is reported last takes about 300 bytes per container.</remarks>
public sealed class ResourceMetricsStore : IResourceMetrics
{
    private const int MaxPoints = 720;
    private const int MinPoints = 8;
    private const int MaxHistoryBytes = 32 << 20;
    private readonly ConcurrentDictionary<string, Entry<ResourceUsage>> _nodes = new();
    private readonly ConcurrentDictionary<string, Entry<PodUsage>> _pods = new();
    private readonly Dictionary<string, (DateTimeOffset ReceivedAt, ImmutableHashSet<string> Pods)> _reports = [];

    /// <inheritdoc/>
    public ResourceUsage? Node(string name) => _nodes.GetValueOrDefault(name)?.Last;

    /// <inheritdoc/>
    public PodUsage? Pod(string uid) => _pods.GetValueOrDefault(uid)?.Last;

    /// <inheritdoc/>
    public ImmutableArray<UsagePoint> NodeHistory(string name) => _nodes.GetValueOrDefault(name)?.History.Points() ?? [];

    /// <inheritdoc/>
    public ImmutableArray<UsagePoint> PodHistory(string uid) => _pods.GetValueOrDefault(uid)?.History.Points() ?? [];

    /// <summary>Takes the report of an agent. Pods of the node that it does not name have no metrics any more.</summary>
    /// <param name="report">The report.</param>
    /// <param name="now">The current time of this host; the clock of the agent may differ.</param>
    public void Take(NodeUsage report, DateTimeOffset now)
    {
        // The queue of a history has up to twice the room that it uses.
        var most = Math.Clamp(MaxHistoryBytes / 2 / UsagePoint.Size / Math.Max(1, _nodes.Count + _pods.Count), MinPoints, MaxPoints);
        var pods = report.Pods.IsDefault ? [] : report.Pods.Where(p => !p.Containers.IsDefaultOrEmpty).ToList();
        var present = pods.Select(p => p.Uid).ToImmutableHashSet();
        if (_reports.TryGetValue(report.Node, out var former))
        {
            Forget(former.Pods.Except(present));
        }

        _reports[report.Node] = (now, present);
        if (report.Host is { } host)
        {
            var node = _nodes.GetOrAdd(report.Node, _ => new Entry<ResourceUsage>());
            node.Last = host;
            node.History.Add(host, most);
        }

        foreach (var usage in pods)
        {
            var pod = _pods.GetOrAdd(usage.Uid, _ => new Entry<PodUsage>());
            pod.Last = usage;
            pod.History.Add(usage.Total(), most);
        }
    }

    /// <summary>Forgets nodes, and their pods, whose last report was received before a time.</summary>
    public void ForgetBefore(DateTimeOffset time)
    {
        foreach (var (node, report) in _reports.Where(r => r.Value.ReceivedAt < time).ToList())
        {
            _reports.Remove(node);
            _nodes.TryRemove(node, out _);
            Forget(report.Pods);
        }
    }

    private void Forget(IEnumerable<string> pods)
    {
        foreach (var uid in pods)
        {
            _pods.TryRemove(uid, out _);
        }
    }

    private sealed class Entry<T> where T : class
    {
        private T? _last;

        public T? Last { get => Volatile.Read(ref _last); set => Volatile.Write(ref _last, value); }

        public UsageHistory History { get; } = new();
    }
}
