using System.Collections.Immutable;

namespace Orchestrator.Actors.Scheduling;

/// <summary>A pod and the node chosen for it.</summary>
internal sealed record Placement(PodInfo Pod, string Node, IReadOnlyList<KeyValuePair<string, double>> Scores, double Total);

/// <summary>A pod that no node can take, and why.</summary>
internal sealed record Unschedulable(PodInfo Pod, Diagnosis Why);

/// <summary>Why no node can take a pod (the <c>Diagnosis</c> of Kubernetes' scheduler).</summary>
/// <param name="Message">The message, worded as in Kubernetes.</param>
/// <param name="Nodes">Number of nodes that were checked.</param>
/// <param name="ByFilter">Number of nodes that each filter ruled out.</param>
/// <param name="ByNode">The reasons of the first nodes by name.</param>
internal sealed record Diagnosis(string Message, int Nodes, IReadOnlyDictionary<string, int> ByFilter, IReadOnlyList<KeyValuePair<string, string>> ByNode);

/// <summary>The decisions, and the cluster after them.</summary>
internal sealed record SchedulingResult(
    IReadOnlyList<Placement> Placements, IReadOnlyList<Unschedulable> Unschedulable, ClusterSnapshot After);

/// <summary>Chooses nodes for pending pods, one group of equal pods at a time. Pure.</summary>
internal static class SchedulingPipeline
{
    /// <summary>The number of nodes whose reasons are kept individually.</summary>
    private const int NodesTold = 20;

    /// <summary>Schedules pods of higher priority first, then in the given order.</summary>
    public static SchedulingResult Schedule(ClusterSnapshot cluster, IReadOnlyList<PodInfo> pending)
    {
        var nodes = cluster.Nodes.Values.Where(n => n.Known).OrderBy(n => n.Name, StringComparer.Ordinal).ToArray();
        var touched = new HashSet<int>();
        var placements = new List<Placement>(pending.Count);
        var unschedulable = new List<Unschedulable>();
        foreach (var group in pending.GroupBy(p => p.Signature).OrderByDescending(g => g.First().Priority))
        {
            Place(nodes, [.. group], touched, placements, unschedulable);
        }

        var after = cluster.Nodes.SetItems(touched.Select(i => KeyValuePair.Create(nodes[i].Name, nodes[i])));
        return new(placements, unschedulable, new ClusterSnapshot(after));
    }

    private static void Place(
        NodeSnapshot[] nodes, PodInfo[] pods, HashSet<int> touched, List<Placement> placements, List<Unschedulable> unschedulable)
    {
        var filters = Bind(pods[0]);
        var best = new PriorityQueue<int, (double Cost, int Index)>();
        for (var i = 0; i < nodes.Length; i++)
        {
            Offer(i);
        }

        var placed = 0;
        for (; placed < pods.Length && best.TryDequeue(out var i, out var rank); placed++)
        {
            var pod = pods[placed];
            placements.Add(new(pod, nodes[i].Name, Scores(pod, nodes[i]), -rank.Cost));
            nodes[i] = nodes[i].WithPod(pod);
            touched.Add(i);
            Offer(i);
        }

        if (placed < pods.Length)
        {
            var why = Explain(nodes, filters);
            unschedulable.AddRange(pods[placed..].Select(pod => new Unschedulable(pod, why)));
        }

        void Offer(int i)
        {
            if (Ask(filters, nodes[i]).Filter is null)
            {
                best.Enqueue(i, (-Total(pods[0], nodes[i]), i));
            }
        }
    }

    private static (string Name, Func<NodeSnapshot, Verdict> Ask)[] Bind(PodInfo pod) =>
    [
        .. Filters.All.Select(f => (f.Name, Ask: f.For(pod))).Where(f => f.Ask is not null).Select(f => (f.Name, f.Ask!)),
    ];

    private static (string? Filter, Verdict Verdict) Ask((string Name, Func<NodeSnapshot, Verdict> Ask)[] filters, NodeSnapshot node)
    {
        foreach (var (name, ask) in filters)
        {
            var verdict = ask(node);
            if (!verdict.Ok)
            {
                return (name, verdict);
            }
        }

        return (null, Verdict.Fits);
    }

    private static double Total(PodInfo pod, NodeSnapshot node)
    {
        var total = 0.0;
        foreach (var scorer in Scorers.All)
        {
            total += scorer.Weight * scorer.Score(pod, node);
        }

        return total;
    }

    private static KeyValuePair<string, double>[] Scores(PodInfo pod, NodeSnapshot node) =>
        [.. Scorers.All.Select(s => KeyValuePair.Create(s.Name, s.Score(pod, node)))];

    private static Diagnosis Explain(NodeSnapshot[] nodes, (string Name, Func<NodeSnapshot, Verdict> Ask)[] filters)
    {
        if (nodes.Length == 0)
        {
            return new("no nodes available to schedule pods", 0, ImmutableDictionary<string, int>.Empty, []);
        }

        var answers = nodes.Select(n => (Node: n.Name, Answer: Ask(filters, n))).Where(a => a.Answer.Filter is not null).ToArray();
        var reasons = answers.SelectMany(a => a.Answer.Verdict.Reasons!)
            .GroupBy(r => r).Select(g => $"{g.Count()} {g.Key}").Order(StringComparer.Ordinal);
        return new($"0/{nodes.Length} nodes are available: {string.Join(", ", reasons)}.", nodes.Length,
            answers.GroupBy(a => a.Answer.Filter!).ToDictionary(g => g.Key, g => g.Count()),
            [.. answers.Take(NodesTold).Select(a => KeyValuePair.Create(a.Node, string.Join(", ", a.Answer.Verdict.Reasons!)))]);
    }
}
