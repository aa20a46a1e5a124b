using System.Collections.Immutable;

namespace Orchestrator.Actors.Scheduling;

/// <summary>A pod and the node chosen for it.</summary>
internal sealed record Placement(PodFootprint Pod, string Node, IReadOnlyList<KeyValuePair<string, double>> Scores, double Total);

/// <summary>A pod no node can take, and how many nodes each filter refused.</summary>
internal sealed record Refusal(PodFootprint Pod, string Message, IReadOnlyDictionary<string, int> Refused);

/// <summary>What was decided, and the cluster with the placements counted in.</summary>
internal sealed record SchedulingResult(
    IReadOnlyList<Placement> Placements, IReadOnlyList<Refusal> Refusals, ClusterSnapshot After);

/// <summary>Chooses nodes for pending pods, a class of equal pods at a time.</summary>
internal static class SchedulingPipeline
{
    /// <summary>Higher priority goes first, then the order given.</summary>
    public static SchedulingResult Schedule(ClusterSnapshot cluster, IReadOnlyList<PodFootprint> pending)
    {
        var nodes = cluster.Nodes.Values.Where(n => n.Known).OrderBy(n => n.Name, StringComparer.Ordinal).ToArray();
        var touched = new HashSet<int>();
        var placements = new List<Placement>(pending.Count);
        var refusals = new List<Refusal>();
        foreach (var group in pending.GroupBy(p => p.Signature).OrderByDescending(g => g.First().Priority))
        {
            Place(nodes, [.. group], touched, placements, refusals);
        }

        var after = cluster.Nodes.SetItems(touched.Select(i => KeyValuePair.Create(nodes[i].Name, nodes[i])));
        return new(placements, refusals, new ClusterSnapshot(after));
    }

    private static void Place(
        NodeSnapshot[] nodes, PodFootprint[] pods, HashSet<int> touched, List<Placement> placements, List<Refusal> refusals)
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
            var (message, refused) = Explain(nodes, filters);
            refusals.AddRange(pods[placed..].Select(pod => new Refusal(pod, message, refused)));
        }

        void Offer(int i)
        {
            if (Ask(filters, nodes[i]).Filter is null)
            {
                best.Enqueue(i, (-Total(pods[0], nodes[i]), i));
            }
        }
    }

    private static (string Name, Func<NodeSnapshot, Verdict> Ask)[] Bind(PodFootprint pod) =>
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

    private static double Total(PodFootprint pod, NodeSnapshot node)
    {
        var total = 0.0;
        foreach (var scorer in Scorers.All)
        {
            total += scorer.Weight * scorer.Score(pod, node);
        }

        return total;
    }

    private static KeyValuePair<string, double>[] Scores(PodFootprint pod, NodeSnapshot node) =>
        [.. Scorers.All.Select(s => KeyValuePair.Create(s.Name, s.Score(pod, node)))];

    private static (string Message, IReadOnlyDictionary<string, int> Refused) Explain(
        NodeSnapshot[] nodes, (string Name, Func<NodeSnapshot, Verdict> Ask)[] filters)
    {
        if (nodes.Length == 0)
        {
            return ("no nodes available to schedule pods", ImmutableDictionary<string, int>.Empty);
        }

        var answers = nodes.Select(n => Ask(filters, n)).Where(a => a.Filter is not null).ToArray();
        var reasons = answers.SelectMany(a => a.Verdict.Reasons!)
            .GroupBy(r => r).Select(g => $"{g.Count()} {g.Key}").Order(StringComparer.Ordinal);
        return ($"0/{nodes.Length} nodes are available: {string.Join(", ", reasons)}.",
            answers.GroupBy(a => a.Filter!).ToDictionary(g => g.Key, g => g.Count()));
    }
}
