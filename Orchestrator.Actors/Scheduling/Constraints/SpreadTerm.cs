using k8s.Models;

namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>One of a pod's topology spread constraints.</summary>
/// <param name="TopologyKey">Label of nodes: those with the same value are one domain.</param>
/// <param name="MaxSkew">How many more of the pods a domain may have than the one with the fewest.</param>
/// <param name="IsRequired">Whether the pod waits rather than break it.</param>
/// <param name="Selector">Labels of the pods that are counted, all of the own namespace.</param>
/// <param name="MinDomains">If there are fewer domains, the fewest counts as zero.</param>
/// <param name="HeedsAffinity">Whether only nodes are counted that the pod's node selector and affinity admit.</param>
/// <param name="HeedsTaints">Whether only nodes are counted whose taints the pod tolerates.</param>
internal sealed record SpreadTerm(string TopologyKey, int MaxSkew, bool IsRequired, V1LabelSelector? Selector, int MinDomains, bool HeedsAffinity, bool HeedsTaints)
{
    /// <summary>Reads a constraint (Kubernetes, "Pod Topology Spread Constraints").</summary>
    public static SpreadTerm Of(V1TopologySpreadConstraint constraint, IReadOnlyDictionary<string, string> labels) => new(
        constraint.TopologyKey, constraint.MaxSkew, constraint.WhenUnsatisfiable == "DoNotSchedule", OwnLabels.Add(constraint.LabelSelector, labels, constraint.MatchLabelKeys),
        constraint.MinDomains ?? 1, constraint.NodeAffinityPolicy != "Ignore", constraint.NodeTaintsPolicy == "Honor");
}
