using System.Collections.Frozen;

namespace Orchestrator.Actors.Scheduling.Preemption;

/// <summary>Chooses pods of lower priority that go, so that pods for which there is no node get one (Kubernetes, "Pod Priority and Preemption"). Pure but for
/// the state of one pass; not thread-safe.</summary>
/// <remarks>The fewest and least important pods go: those that no disruption budget keeps come first, then the lowest priorities, then the fewest pods, then
/// those that began last.</remarks>
internal sealed class Preemptor
{
    // A constraint looks at all pods for each node that is tried (kube-scheduler, minCandidateNodesAbsolute).
    private const int MaxConstrainedNodes = 100;

    private readonly NodeSnapshot[] _nodes;
    private readonly IReadOnlyDictionary<string, FrozenDictionary<string, string>> _namespaces;
    private readonly VictimFacts _facts;
    private readonly DisruptionAllowance _allowance;
    private readonly HashSet<string> _reserved;

    /// <summary>Prepares the choice.</summary>
    /// <param name="nodes">The nodes with their pods and those that have room reserved. It is copied.</param>
    /// <param name="namespaces">The labels of each namespace.</param>
    /// <param name="facts">What decides between victims.</param>
    /// <param name="reserved">Uids of the pods that have room reserved and do not run.</param>
    public Preemptor(NodeSnapshot[] nodes, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces, VictimFacts facts, HashSet<string> reserved) =>
        (_nodes, _namespaces, _facts, _allowance, _reserved) = ([.. nodes], namespaces, facts, new DisruptionAllowance(facts.Budgets), reserved);

    /// <summary>Returns the nodes that are freed, for as many of the pods as possible.</summary>
    /// <param name="waiting">Pods without a node; higher priority first, equal pods one after the other.</param>
    public IReadOnlyList<PreemptionPlan> Plan(IReadOnlyList<PodInfo> waiting)
    {
        var plans = new List<PreemptionPlan>();
        var lowest = _nodes.SelectMany(n => n.Pods.Values).Select(p => p.Priority).DefaultIfEmpty(int.MaxValue).Min();
        (PodInfo Pod, NodeChoice Choice, Candidate?[] Candidates)? last = null;
        foreach (var pod in waiting.Where(p => p.Preempts && p.Priority > lowest && !IsAwaited(p)))
        {
            if (last is not { } known || known.Choice.LooksAtAllNodes || known.Pod.Signature != pod.Signature || known.Pod.Priority != pod.Priority)
            {
                var choice = NodeChoice.For(pod, [.. _nodes], _namespaces);
                known = (pod, choice, Candidates(pod, choice));
                last = known;
            }

            if (known.Candidates.OfType<Candidate>().Min() is { } best)
            {
                plans.Add(Take(pod, best));
                known.Candidates[best.Node] = Try(pod, known.Choice, best.Node);
            }
        }

        return plans;
    }

    // Its node is being freed: those that leave are enough.
    private bool IsAwaited(PodInfo pod) =>
        pod.NominatedNode is { } name && _nodes.FirstOrDefault(n => n.Name == name) is { } node && node.Pods.Values.Any(p => p.IsDeleting && p.Priority < pod.Priority);

    private Candidate?[] Candidates(PodInfo pod, NodeChoice choice)
    {
        var found = 0;
        var candidates = new Candidate?[_nodes.Length];
        for (var i = 0; i < _nodes.Length && !(choice.LooksAtAllNodes && found >= MaxConstrainedNodes); i++)
        {
            candidates[i] = Try(pod, choice, i);
            found += candidates[i] is null ? 0 : 1;
        }

        return candidates;
    }

    private PreemptionPlan Take(PodInfo pod, Candidate best)
    {
        var node = best.Victims.Aggregate(_nodes[best.Node], (n, v) => n.WithPod(v with { IsDeleting = true }));
        _nodes[best.Node] = node.WithPod(pod);
        _reserved.Add(pod.Uid);
        _allowance.Take(best.Victims);
        return new PreemptionPlan(pod, node.Name, best.Victims);
    }

    // Takes all pods of lower priority away, and puts back as many as fit beside the pod, the most important ones first.
    private Candidate? Try(PodInfo pod, NodeChoice choice, int index)
    {
        var node = _nodes[index];
        var lower = node.Pods.Values.Where(p => p.Priority < pod.Priority).ToList();
        var left = lower.Aggregate(node, (n, p) => n.WithoutPod(p.Uid));
        if (lower.Count == 0 || !Fits(pod, choice, index, left))
        {
            return null;
        }

        var running = lower.Where(p => !p.IsDeleting && !_reserved.Contains(p.Uid))
            .OrderByDescending(p => p.Priority).ThenBy(p => _facts.StartedAt(p) ?? DateTime.MaxValue).ThenBy(p => p.Uid, StringComparer.Ordinal).ToList();
        var kept = _allowance.Violating(running);
        var victims = new List<PodInfo>();
        foreach (var other in running.OrderBy(p => !kept.Contains(p.Uid)))
        {
            var with = left.WithPod(other);
            if (Fits(pod, choice, index, with))
            {
                left = with;
            }
            else
            {
                victims.Add(other);
            }
        }

        return new Candidate(index, victims, victims.Count(v => kept.Contains(v.Uid)), victims.Select(_facts.StartedAt).Max());
    }

    private bool Fits(PodInfo pod, NodeChoice choice, int index, NodeSnapshot node)
    {
        if (!choice.LooksAtAllNodes)
        {
            return choice.Ask(node).Filter is null;
        }

        NodeSnapshot[] nodes = [.. _nodes];
        nodes[index] = node;
        return NodeChoice.For(pod, nodes, _namespaces).Ask(node).Filter is null;
    }

    /// <summary>A node that can be freed; the smallest is the best.</summary>
    private sealed record Candidate(int Node, IReadOnlyList<PodInfo> Victims, int Violations, DateTime? LatestStart) : IComparable<Candidate>
    {
        public int CompareTo(Candidate? other) => other is null ? 1 : Rank.CompareTo(other.Rank);

        // Each victim counts, however low its priority: the sum is of positive numbers.
        private (int, long, long, int, long, int) Rank => (Violations, Victims.Select(v => (long)v.Priority).DefaultIfEmpty(long.MinValue).Max(),
            Victims.Sum(v => v.Priority - (long)int.MinValue + 1), Victims.Count, -(LatestStart ?? DateTime.MinValue).Ticks, Node);
    }
}
