using System.Collections.Frozen;
using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>One term of a pod's affinity or anti-affinity: the pods that it means, and how near is near.</summary>
/// <param name="Selector">Labels of the pods that it means.</param>
/// <param name="Namespaces">Their namespaces.</param>
/// <param name="NamespaceSelector">Labels of further namespaces; null for none.</param>
/// <param name="TopologyKey">Label of nodes: those with the same value are one place.</param>
/// <param name="Weight">How much it is preferred; negative for anti-affinity, 0 if it is required.</param>
internal sealed record PodTerm(V1LabelSelector? Selector, FrozenSet<string> Namespaces, V1LabelSelector? NamespaceSelector, string TopologyKey, int Weight)
{
    /// <summary>Reads a term. As in Kubernetes, it means pods of the own namespace unless it says otherwise, and <c>matchLabelKeys</c> and
    /// <c>mismatchLabelKeys</c> add the pod's own labels to the selector.</summary>
    public static PodTerm Of(V1PodAffinityTerm term, string ns, IReadOnlyDictionary<string, string> labels, int weight) => new(
        OwnLabels.Add(term.LabelSelector, labels, term.MatchLabelKeys, term.MismatchLabelKeys),
        term.Namespaces is { Count: > 0 } named ? named.ToFrozenSet() : term.NamespaceSelector is null ? [ns] : [],
        term.NamespaceSelector, term.TopologyKey, weight);

    /// <summary>Whether it means a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="namespaces">The labels of each namespace.</param>
    public bool Means(PodInfo pod, IReadOnlyDictionary<string, FrozenDictionary<string, string>> namespaces) =>
        (Namespaces.Contains(pod.Namespace) || (NamespaceSelector is not null && LabelSelectors.Matches(NamespaceSelector, namespaces.GetValueOrDefault(pod.Namespace))))
        && LabelSelectors.Matches(Selector, pod.Labels);
}
