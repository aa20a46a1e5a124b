using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>Topology spread constraints (Kubernetes, "Pod Topology Spread Constraints").</summary>
internal sealed class PodTopologySpread : IClusterConstraint
{
    private static readonly Verdict Skewed = Verdict.If(false, "node(s) didn't match pod topology spread constraints");
    private static readonly Verdict Unlabelled = Verdict.Unless(false, "node(s) didn't match pod topology spread constraints (missing required label)");

    private readonly PodInfo _pod;
    private readonly Domains[] _required;
    private readonly Domains[] _preferred;

    private PodTopologySpread(PodInfo pod)
    {
        _pod = pod;
        _required = [.. pod.Constraints.Spread.Where(t => t.IsRequired).Select(t => new Domains(t, pod))];
        _preferred = [.. pod.Constraints.Spread.Where(t => !t.IsRequired).Select(t => new Domains(t, pod))];
    }

    /// <inheritdoc/>
    public string Name => "PodTopologySpread";

    /// <inheritdoc/>
    public int Weight => 2;

    /// <summary>Counts the pods of all nodes; null if the pod has no constraint.</summary>
    public static PodTopologySpread? For(PodInfo pod, IReadOnlyList<NodeSnapshot> nodes)
    {
        if (pod.Constraints.Spread.Count == 0)
        {
            return null;
        }

        var spread = new PodTopologySpread(pod);
        var admits = Filters.Affinity(pod);
        foreach (var node in nodes)
        {
            foreach (var domains in spread.CountedOn(node, admits))
            {
                domains.Add(node, node.Pods.Values.Count(p => !p.IsExpected && domains.Means(p)), node.Pods.Values.Count(p => p.IsExpected && domains.Means(p)));
            }
        }

        return spread;
    }

    /// <inheritdoc/>
    public Verdict Ask(NodeSnapshot node)
    {
        foreach (var domains in _required)
        {
            if (!node.Labels.TryGetValue(domains.Term.TopologyKey, out var value))
            {
                return Unlabelled;
            }

            if (domains.IsSkewedBy(value))
            {
                return Skewed;
            }
        }

        return Verdict.Fits;
    }

    /// <inheritdoc/>
    public double[]? Score(IReadOnlyList<NodeSnapshot> nodes)
    {
        if (_preferred.Length == 0)
        {
            return null;
        }

        // As in kube-scheduler: a domain weighs more the more of them there are, and a node outside of one of them is no place to spread to.
        bool IsInside(NodeSnapshot n) => _preferred.All(d => n.Labels.ContainsKey(d.Term.TopologyKey));
        var weights = _preferred.Select(d => Math.Log(nodes.Where(IsInside).Select(n => n.Labels[d.Term.TopologyKey]).Distinct().Count() + 2)).ToArray();
        var crowds = nodes.Select(n => IsInside(n)
            ? _preferred.Select((d, i) => (d.Of(n.Labels[d.Term.TopologyKey]) * weights[i]) + d.Term.MaxSkew - 1).Sum()
            : (double?)null).ToArray();
        var (least, most) = (crowds.Min() ?? 0, crowds.Max() ?? 0);
        return [.. crowds.Select(c => c is not { } crowd ? 0 : most == 0 ? 100 : 100 * (most + least - crowd) / most)];
    }

    /// <inheritdoc/>
    public void Took(NodeSnapshot node)
    {
        foreach (var domains in CountedOn(node, Filters.Affinity(_pod)).Where(d => d.Own > 0))
        {
            domains.Add(node, 1, 0);
        }
    }

    // The constraints for which a node is one of the places to spread over.
    private IEnumerable<Domains> CountedOn(NodeSnapshot node, Func<NodeSnapshot, Verdict>? admits)
    {
        foreach (var group in (Domains[][])[_required, _preferred])
        {
            if (group.All(d => node.Labels.ContainsKey(d.Term.TopologyKey)))
            {
                foreach (var domains in group.Where(d => (!d.Term.HeedsAffinity || admits is null || admits(node).Ok) && (!d.Term.HeedsTaints || Filters.Taints(_pod, node).Ok)))
                {
                    yield return domains;
                }
            }
        }
    }

    /// <summary>The pods of each domain of a constraint.</summary>
    private sealed class Domains(SpreadTerm term, PodInfo pod)
    {
        private readonly Dictionary<string, int> _counts = [];
        private readonly Dictionary<string, int> _expected = [];
        private (int Now, int Later)? _least;

        public SpreadTerm Term => term;

        /// <summary>1 if the pod itself is counted, else 0.</summary>
        public int Own { get; } = LabelSelectors.Matches(term.Selector, pod.Labels) ? 1 : 0;

        public int Of(string domain) => _counts.GetValueOrDefault(domain);

        /// <summary>Whether a pod more in a domain would be too many: now, or once those have come for which room is kept.</summary>
        public bool IsSkewedBy(string domain)
        {
            var (now, later) = _least ??= _counts.Count < Math.Max(1, term.MinDomains) ? (0, 0) : (_counts.Values.Min(), _counts.Keys.Min(Later));
            return Of(domain) + Own - now > term.MaxSkew || Later(domain) + Own - later > term.MaxSkew;
        }

        public bool Means(PodInfo other) => !other.IsDeleting && other.Namespace == pod.Namespace && LabelSelectors.Matches(term.Selector, other.Labels);

        public void Add(NodeSnapshot node, int pods, int expected)
        {
            var domain = node.Labels[term.TopologyKey];
            _counts[domain] = Of(domain) + pods;
            _expected[domain] = _expected.GetValueOrDefault(domain) + expected;
            _least = null;
        }

        private int Later(string domain) => Of(domain) + _expected.GetValueOrDefault(domain);
    }
}
