using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>Matching of the label selectors that objects hold.</summary>
internal static class LabelSelectors
{
    /// <summary>Whether the labels meet every requirement. An absent selector matches nothing, an empty one everything (Kubernetes, "Labels and Selectors").</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null)
        {
            return false;
        }

        string? Label(string key) => labels is not null && labels.TryGetValue(key, out var value) ? value : null;
        return (selector.MatchLabels?.All(l => Label(l.Key) == l.Value) ?? true)
            && (selector.MatchExpressions?.All(e => e.OperatorProperty switch
            {
                "In" => Label(e.Key) is { } value && e.Values?.Contains(value) == true,
                "NotIn" => Label(e.Key) is not { } value || e.Values?.Contains(value) != true,
                "Exists" => Label(e.Key) is not null,
                "DoesNotExist" => Label(e.Key) is null,
                _ => false,
            }) ?? true);
    }
}
