using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.CustomMetrics;

/// <summary>Selectors of the labels of a metric's values.</summary>
internal static class MetricSelectors
{
    /// <summary>Whether the labels match. An absent or empty selector matches all, unlike that of a controller.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string> labels) =>
        selector is null || LabelSelectors.Matches(selector, labels);

    /// <summary>A selector as Kubernetes prints it in messages.</summary>
    public static string Text(V1LabelSelector? selector) => selector is null ? "nil"
        : $"&LabelSelector{{MatchLabels:map[string]string{{{string.Concat((selector.MatchLabels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}: {l.Value},"))}}},"
            + $"MatchExpressions:[]LabelSelectorRequirement{{{string.Concat((selector.MatchExpressions ?? []).Select(e => $"LabelSelectorRequirement{{Key:{e.Key},Operator:{e.OperatorProperty},Values:[{string.Join(' ', e.Values ?? [])}],}},"))}}},}}";
}
