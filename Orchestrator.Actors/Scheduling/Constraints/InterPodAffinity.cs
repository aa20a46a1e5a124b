using System.Collections.Frozen;

namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>Affinity and anti-affinity to pods: of the pod to those that run, and of those that run to the pod (Kubernetes, "Assigning Pods to Nodes",
/// "Inter-pod affinity and anti-affinity").</summary>
internal sealed class InterPodAffinity : IClusterConstraint
{
    // What required affinity of a running pod counts when the other nodes are compared (kube-scheduler, hardPodAffinityWeight).
    private const int RequiredWeight = 1;

    private static readonly Verdict NotNear = Verdict.Unless(false, "node(s) didn't match pod affinity rules");
    private static readonly Verdict NotApart = Verdict.If(false, "node(s) didn't match pod anti-affinity rules");
    private static readonly Verdict NotWanted = Verdict.If(false, "node(s) didn't satisfy existing pods anti-affinity rules");

    private readonly PodInfo _pod;
    private readonly IReadOnlyDictionary<string, FrozenDictionary<string, string>> _namespaces;
    private readonly HashSet<(string Key, string Value)> _near = [];
    private readonly HashSet<(string Key, string Value)>[] _apart;
    private readonly HashSet<(string Key, string Value)> _unwanted = [];
    private readonly HashSet<string> _unwantedKeys = [];
    private readonly Dictionary<(string Key, string Value), long> _preferred = [];
    private readonly bool _isOwnNeighbour;

    private InterPodAffinity(PodInfo pod, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces)
    {
        (_pod, _namespaces) = (pod, namespaces);
        _apart = [.. pod.Constraints.Apart.Select(_ => new HashSet<(string, string)>())];
        _isOwnNeighbour = pod.Constraints.Near.All(t => t.Means(pod, namespaces));
    }

    /// <inheritdoc/>
    public string Name => "InterPodAffinity";

    /// <inheritdoc/>
    public int Weight => 2;

    /// <summary>Looks at the pods of all nodes; null if neither the pod nor any of them cares.</summary>
    public static InterPodAffinity? For(PodInfo pod, IReadOnlyList<NodeSnapshot> nodes, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces)
    {
        var cares = pod.Constraints.HasAffinity;
        if (!cares && nodes.All(n => n.Choosy.IsEmpty))
        {
            return null;
        }

        var affinity = new InterPodAffinity(pod, namespaces);
        foreach (var node in nodes)
        {
            foreach (var other in cares ? node.Pods.Values : node.Choosy)
            {
                affinity.Count(node, other);
            }
        }

        return cares || affinity._unwanted.Count + affinity._preferred.Count > 0 ? affinity : null;
    }

    /// <inheritdoc/>
    public void Took(NodeSnapshot node) => Count(node, _pod);

    /// <inheritdoc/>
    public Verdict Ask(NodeSnapshot node)
    {
        // In the order of Kubernetes' messages.
        var near = _pod.Constraints.Near;
        if (near.Count > 0 && !IsNear(near, node))
        {
            return NotNear;
        }

        for (var i = 0; i < _apart.Length; i++)
        {
            if (Place(node, _pod.Constraints.Apart[i]) is { } place && _apart[i].Contains(place))
            {
                return NotApart;
            }
        }

        foreach (var key in _unwantedKeys)
        {
            if (node.Labels.TryGetValue(key, out var value) && _unwanted.Contains((key, value)))
            {
                return NotWanted;
            }
        }

        return Verdict.Fits;
    }

    /// <inheritdoc/>
    public double[]? Score(IReadOnlyList<NodeSnapshot> nodes)
    {
        if (_preferred.Count == 0)
        {
            return null;
        }

        var keys = _preferred.Keys.Select(p => p.Key).Distinct().ToArray();
        var sums = nodes.Select(n => keys.Sum(key => n.Labels.TryGetValue(key, out var value) ? _preferred.GetValueOrDefault((key, value)) : 0)).ToArray();
        var (least, most) = (sums.Min(), sums.Max());
        return [.. sums.Select(s => most == least ? 0 : 100.0 * (s - least) / (most - least))];
    }

    private bool IsNear(IReadOnlyList<PodTerm> near, NodeSnapshot node)
    {
        // The first of a group that wants to be together has nobody to be near to.
        var isFirst = _near.Count == 0 && _isOwnNeighbour;
        return near.All(t => Place(node, t) is { } place && (isFirst || _near.Contains(place)));
    }

    private void Count(NodeSnapshot node, PodInfo other)
    {
        var own = _pod.Constraints;
        for (var i = 0; i < _apart.Length; i++)
        {
            if (own.Apart[i].Means(other, _namespaces))
            {
                Add(_apart[i], node, own.Apart[i]);
            }
        }

        foreach (var term in other.Constraints.Apart.Where(t => t.Means(_pod, _namespaces)))
        {
            _unwantedKeys.Add(term.TopologyKey);
            Add(_unwanted, node, term);
        }

        // Who may never come keeps others away, and draws none.
        if (!other.IsExpected)
        {
            CountNear(node, other);
        }
    }

    private void CountNear(NodeSnapshot node, PodInfo other)
    {
        var own = _pod.Constraints;
        if (own.Near.Count > 0 && own.Near.All(t => t.Means(other, _namespaces)))
        {
            foreach (var term in own.Near)
            {
                Add(_near, node, term);
            }
        }

        foreach (var term in own.Preferred.Where(t => t.Means(other, _namespaces)))
        {
            Prefer(node, term, term.Weight);
        }

        foreach (var term in other.Constraints.Preferred.Where(t => t.Means(_pod, _namespaces)))
        {
            Prefer(node, term, term.Weight);
        }

        foreach (var term in other.Constraints.Near.Where(t => t.Means(_pod, _namespaces)))
        {
            Prefer(node, term, RequiredWeight);
        }
    }

    private void Prefer(NodeSnapshot node, PodTerm term, int weight)
    {
        if (Place(node, term) is { } place)
        {
            _preferred[place] = _preferred.GetValueOrDefault(place) + weight;
        }
    }

    private static void Add(HashSet<(string, string)> places, NodeSnapshot node, PodTerm term)
    {
        if (Place(node, term) is { } place)
        {
            places.Add(place);
        }
    }

    private static (string, string)? Place(NodeSnapshot node, PodTerm term) => node.Labels.TryGetValue(term.TopologyKey, out var value) ? (term.TopologyKey, value) : null;
}
