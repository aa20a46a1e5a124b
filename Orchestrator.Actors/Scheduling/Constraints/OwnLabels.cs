using k8s.Models;

namespace Orchestrator.Actors.Scheduling.Constraints;

/// <summary>Adds a pod's own labels to a selector (fields <c>matchLabelKeys</c> and <c>mismatchLabelKeys</c>).</summary>
internal static class OwnLabels
{
    /// <summary>Returns a selector that also demands the pod's values of some labels, and other values of others. Labels that the pod lacks demand nothing.</summary>
    public static V1LabelSelector? Add(V1LabelSelector? selector, IReadOnlyDictionary<string, string> labels, IList<string>? same, IList<string>? different = null)
    {
        List<V1LabelSelectorRequirement> added = [.. Demands(labels, same, "In"), .. Demands(labels, different, "NotIn")];
        return selector is null || added.Count == 0 ? selector : new V1LabelSelector
        {
            MatchLabels = selector.MatchLabels,
            MatchExpressions = [.. selector.MatchExpressions ?? [], .. added],
        };
    }

    private static IEnumerable<V1LabelSelectorRequirement> Demands(IReadOnlyDictionary<string, string> labels, IList<string>? keys, string operation) =>
        (keys ?? []).Where(labels.ContainsKey).Select(key => new V1LabelSelectorRequirement { Key = key, OperatorProperty = operation, Values = [labels[key]] });
}
