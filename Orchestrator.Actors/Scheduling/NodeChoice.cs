using System.Collections.Frozen;
using Orchestrator.Actors.Scheduling.Constraints;

namespace Orchestrator.Actors.Scheduling;

/// <summary>Finds the best node for each of several pods that are all alike. Not thread-safe.</summary>
internal abstract class NodeChoice
{
    private readonly (string Name, Func<NodeSnapshot, Verdict> Ask)[] _filters;
    private readonly (string Name, int Weight, Func<NodeSnapshot, double> Score)[] _scorers;

    private NodeChoice(PodInfo pod, NodeSnapshot[] nodes)
    {
        (Pod, Nodes) = (pod, nodes);
        _filters = [.. Filters.All.Select(f => (f.Name, Ask: f.For(pod))).Where(f => f.Ask is not null).Select(f => (f.Name, f.Ask!))];
        _scorers = [.. Scorers.All.Select(s => (s.Name, s.Weight, s.For(pod, nodes)))];
    }

    private protected PodInfo Pod { get; }

    private protected NodeSnapshot[] Nodes { get; }

    /// <summary>Prepares the choice.</summary>
    /// <param name="pod">One of the pods.</param>
    /// <param name="nodes">The nodes; the caller puts a node with the pod in the place of the one that took it.</param>
    /// <param name="namespaces">The labels of each namespace.</param>
    public static NodeChoice For(PodInfo pod, NodeSnapshot[] nodes, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces) =>
        Constrained.ConstraintsOf(pod, nodes, namespaces) is { Length: > 0 } constraints ? new Constrained(pod, nodes, namespaces, constraints) : new Unconstrained(pod, nodes);

    /// <summary>Whether the pods of other nodes have a say.</summary>
    public virtual bool LooksAtAllNodes => false;

    /// <summary>Returns the best node and its score; null if none can take another of the pods.</summary>
    public abstract (int Node, double Score)? Best();

    /// <summary>The node took one of the pods, and is already in its place with it.</summary>
    public abstract void Took(int node);

    /// <summary>Whether a node could take one of the pods if it had these pods.</summary>
    /// <param name="index">Its place among the nodes.</param>
    /// <param name="node">The node with other pods.</param>
    public virtual bool Fits(int index, NodeSnapshot node) => Ask(node).Filter is null;

    /// <summary>Whether a node cannot take one of the pods, whoever leaves it.</summary>
    public bool IsHopeless(NodeSnapshot node) => AskAlone(node).Verdict.IsLasting;

    /// <summary>Returns the filter that rules out a node, and its reasons; no filter if it can take one of the pods.</summary>
    public virtual (string? Filter, Verdict Verdict) Ask(NodeSnapshot node) => AskAlone(node);

    private (string? Filter, Verdict Verdict) AskAlone(NodeSnapshot node)
    {
        foreach (var (name, ask) in _filters)
        {
            var verdict = ask(node);
            if (!verdict.Ok)
            {
                return (name, verdict);
            }
        }

        return (null, Verdict.Fits);
    }

    /// <summary>Returns the score of a node by each scorer, for the record.</summary>
    public virtual IReadOnlyList<KeyValuePair<string, double>> Scores(int node) =>
        [.. _scorers.Select(s => KeyValuePair.Create(s.Name, s.Score(Nodes[node])))];

    private double Total(NodeSnapshot node)
    {
        var total = 0.0;
        foreach (var (_, weight, score) in _scorers)
        {
            total += weight * score(node);
        }

        return total;
    }

    /// <summary>Each node is judged alone, so that a placement changes the place of one node in the queue.</summary>
    private sealed class Unconstrained : NodeChoice
    {
        private readonly PriorityQueue<int, (double Cost, int Index)> _best = new();

        public Unconstrained(PodInfo pod, NodeSnapshot[] nodes)
            : base(pod, nodes)
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                Took(i);
            }
        }

        public override (int Node, double Score)? Best() => _best.TryDequeue(out var node, out var rank) ? (node, -rank.Cost) : null;

        public override void Took(int node)
        {
            if (Ask(Nodes[node]).Filter is null)
            {
                _best.Enqueue(node, (-Total(Nodes[node]), node));
            }
        }
    }

    /// <summary>A placement can change the verdict on every node: each pod is compared with all of them.</summary>
    private sealed class Constrained : NodeChoice
    {
        private readonly IReadOnlyDictionary<string, FrozenDictionary<string, string>> _namespaces;
        private readonly IClusterConstraint[] _constraints;

        // Score of each node judged alone; null if it is ruled out.
        private readonly double?[] _alone;
        private readonly List<KeyValuePair<string, double>> _scores = [];

        public Constrained(PodInfo pod, NodeSnapshot[] nodes, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces, IClusterConstraint[] constraints)
            : base(pod, nodes)
        {
            (_namespaces, _constraints, _alone) = (namespaces, constraints, new double?[nodes.Length]);
            for (var i = 0; i < nodes.Length; i++)
            {
                Judge(i);
            }
        }

        public override bool LooksAtAllNodes => true;

        public static IClusterConstraint[] ConstraintsOf(PodInfo pod, NodeSnapshot[] nodes, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces) =>
            [.. new IClusterConstraint?[] { PodTopologySpread.For(pod, nodes), InterPodAffinity.For(pod, nodes, namespaces) }.OfType<IClusterConstraint>()];

        public override (int Node, double Score)? Best()
        {
            var able = Enumerable.Range(0, Nodes.Length).Where(i => _alone[i] is not null && _constraints.All(c => c.Ask(Nodes[i]).Ok)).ToArray();
            if (able.Length == 0)
            {
                return null;
            }

            var totals = able.Select(i => _alone[i]!.Value).ToArray();
            var nodes = able.Select(i => Nodes[i]).ToArray();
            var byConstraint = _constraints.Select(c => (Constraint: c, Scores: c.Score(nodes))).Where(c => c.Scores is not null).ToArray();
            foreach (var (constraint, scores) in byConstraint)
            {
                for (var k = 0; k < totals.Length; k++)
                {
                    totals[k] += constraint.Weight * scores![k];
                }
            }

            var best = 0;
            for (var k = 1; k < totals.Length; k++)
            {
                best = totals[k] > totals[best] ? k : best;
            }

            _scores.Clear();
            _scores.AddRange(byConstraint.Select(c => KeyValuePair.Create(c.Constraint.Name, c.Scores![best])));
            return (able[best], totals[best]);
        }

        public override void Took(int node)
        {
            Judge(node);
            foreach (var constraint in _constraints)
            {
                constraint.Took(Nodes[node]);
            }
        }

        public override (string? Filter, Verdict Verdict) Ask(NodeSnapshot node)
        {
            var alone = AskAlone(node);
            return alone.Filter is not null ? alone
                : _constraints.Select(c => ((string?)c.Name, Verdict: c.Ask(node))).FirstOrDefault(a => !a.Verdict.Ok);
        }

        public override bool Fits(int index, NodeSnapshot node)
        {
            if (AskAlone(node).Filter is not null)
            {
                return false;
            }

            NodeSnapshot[] nodes = [.. Nodes];
            nodes[index] = node;
            return ConstraintsOf(Pod, nodes, _namespaces).All(c => c.Ask(node).Ok);
        }

        public override IReadOnlyList<KeyValuePair<string, double>> Scores(int node) => [.. base.Scores(node), .. _scores];

        private void Judge(int node) => _alone[node] = AskAlone(Nodes[node]).Filter is null ? Total(Nodes[node]) : null;
    }
}
