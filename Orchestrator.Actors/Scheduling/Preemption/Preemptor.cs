namespace Orchestrator.Actors.Scheduling.Preemption;

/// <summary>Chooses pods of lower priority that go, so that pods for which there is no node get one, and keeps the room that gets free (Kubernetes, "Pod Priority
/// and Preemption"). Part of one pass; not thread-safe.</summary>
/// <remarks>The fewest and least important pods go: those that no disruption budget keeps come first, then the lowest priorities, then the fewest pods, then
/// those that began last.</remarks>
internal sealed class Preemptor
{
    // A constraint looks at all pods for each node that is tried. Who is not served is in the next pass, which the first victims bring about.
    private const int MaxConstrainedNodes = 10;
    private const int MaxConstrainedPods = 10;

    private readonly NodeSnapshot[] _nodes;
    private readonly VictimFacts _facts;
    private readonly DisruptionAllowance _allowance;
    private readonly HashSet<string> _kept = [];
    private int? _lowest;
    private int _constrained;

    /// <summary>Prepares the choice.</summary>
    /// <param name="nodes">The nodes of the pass. Victims are marked in it, and pods added for which room is kept.</param>
    /// <param name="facts">What decides between victims.</param>
    public Preemptor(NodeSnapshot[] nodes, VictimFacts facts) => (_nodes, _facts, _allowance) = (nodes, facts, new DisruptionAllowance(facts.Budgets));

    /// <summary>Frees nodes for as many of the pods as possible.</summary>
    /// <param name="pods">Pods without a node, all alike.</param>
    /// <param name="choice">What decides where they fit.</param>
    /// <param name="mayPreempt">Whether pods may go for them now; if not, only the room is kept that is being freed already.</param>
    /// <param name="plans">Takes the decisions.</param>
    /// <returns>The node that is being freed for a pod, by its uid.</returns>
    public Dictionary<string, string> Free(IReadOnlyList<PodInfo> pods, NodeChoice choice, bool mayPreempt, List<PreemptionPlan> plans)
    {
        var nominated = new Dictionary<string, string>();
        foreach (var pod in pods.Where(p => p.NominatedNode is not null))
        {
            var index = Array.FindIndex(_nodes, n => n.Name == pod.NominatedNode);
            if (index >= 0 && IsBeingFreed(pod, choice, index))
            {
                Keep(index, pod);
                nominated[pod.Uid] = pod.NominatedNode!;
            }
        }

        var (seeking, candidates) = (mayPreempt ? pods.Where(p => !nominated.ContainsKey(p.Uid) && p.Preempts && p.Priority > Lowest) : [], (Candidate?[]?)null);
        foreach (var pod in seeking)
        {
            if (choice.LooksAtAllNodes && _constrained++ >= MaxConstrainedPods)
            {
                break;
            }

            candidates = choice.LooksAtAllNodes ? Candidates(pod, choice) : candidates ?? Candidates(pod, choice);
            if (candidates.OfType<Candidate>().Min() is not { } best)
            {
                break; // The others are like it.
            }

            Take(pod, best, plans);
            nominated[pod.Uid] = _nodes[best.Node].Name;
            candidates[best.Node] = Try(pod, choice, best.Node);
        }

        return nominated;
    }

    /// <summary>Returns a node without the room that is kept on it; its victims stay until they have left.</summary>
    public NodeSnapshot WithoutKept(NodeSnapshot node) => _kept.Count == 0 ? node : Without(node, [.. node.Pods.Values.Where(p => _kept.Contains(p.Uid))]);

    private int Lowest => _lowest ??= _nodes.SelectMany(n => n.Pods.Values).Select(p => p.Priority).DefaultIfEmpty(int.MaxValue).Min();

    // Those that leave are enough. A node that cannot take the pod any more, such as one that is lost with its victims, is given up.
    private bool IsBeingFreed(PodInfo pod, NodeChoice choice, int index)
    {
        var lower = _nodes[index].Pods.Values.Where(p => p.Priority < pod.Priority).ToList();
        return lower.Any(p => p.IsDeleting) && choice.Fits(index, Without(_nodes[index], lower));
    }

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

    private void Take(PodInfo pod, Candidate best, List<PreemptionPlan> plans)
    {
        var node = _nodes[best.Node];
        _nodes[best.Node] = best.Victims.Aggregate(node, (n, v) => n.WithPod(v with { IsDeleting = true }));
        Keep(best.Node, pod);
        _allowance.Take(best.Victims);
        plans.Add(new PreemptionPlan(pod, node.Name, best.Victims));
    }

    private void Keep(int index, PodInfo pod)
    {
        _nodes[index] = _nodes[index].WithPod(pod with { IsExpected = true });
        _kept.Add(pod.Uid);
    }

    // Takes all pods of lower priority away, and puts back as many as fit beside the pod, the most important ones first.
    private Candidate? Try(PodInfo pod, NodeChoice choice, int index)
    {
        var node = _nodes[index];
        var lower = node.Pods.Values.Where(p => p.Priority < pod.Priority).ToList();
        if (lower.Count == 0 || choice.IsHopeless(node))
        {
            return null;
        }

        var left = Without(node, lower);
        if (!choice.Fits(index, left))
        {
            return null;
        }

        var running = lower.Where(p => !p.IsDeleting)
            .OrderByDescending(p => p.Priority).ThenBy(p => _facts.StartedAt(p) ?? DateTime.MaxValue).ThenBy(p => p.Uid, StringComparer.Ordinal).ToList();
        var protectedUids = _allowance.Violating(running);
        var victims = new List<PodInfo>();
        foreach (var other in running.OrderBy(p => !protectedUids.Contains(p.Uid)))
        {
            var with = left.WithPod(other);
            if (choice.Fits(index, with))
            {
                left = with;
            }
            else
            {
                victims.Add(other);
            }
        }

        return new Candidate(index, victims, Rank(index, victims, victims.Count(v => protectedUids.Contains(v.Uid))));
    }

    // As kube-scheduler compares nodes. Each victim counts, however low its priority: the sum is of positive numbers. Of equal ones the node is taken whose
    // most important victims began last.
    private (int, long, long, int, long, int) Rank(int index, List<PodInfo> victims, int violations)
    {
        var highest = victims.Select(v => (long)v.Priority).DefaultIfEmpty(long.MinValue).Max();
        var start = victims.Where(v => v.Priority == highest).Min(v => _facts.StartedAt(v)) ?? DateTime.MinValue;
        return (violations, highest, victims.Sum(v => v.Priority - (long)int.MinValue + 1), victims.Count, -start.Ticks, index);
    }

    private static NodeSnapshot Without(NodeSnapshot node, IReadOnlyList<PodInfo> pods) => pods.Aggregate(node, (n, p) => n.WithoutPod(p.Uid));

    /// <summary>A node that can be freed; the smallest is the best.</summary>
    private sealed record Candidate(int Node, IReadOnlyList<PodInfo> Victims, (int, long, long, int, long, int) Rank) : IComparable<Candidate>
    {
        public int CompareTo(Candidate? other) => other is null ? 1 : Rank.CompareTo(other.Rank);
    }
}
