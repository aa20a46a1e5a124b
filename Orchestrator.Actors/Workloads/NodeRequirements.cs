using System.Globalization;
using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>Matching of node selector terms and taints.</summary>
internal static class NodeRequirements
{
    /// <summary>A term without any requirement matches no node.</summary>
    public static bool Matches(V1NodeSelectorTerm term, string node, IReadOnlyDictionary<string, string> labels)
    {
        var expressions = term.MatchExpressions ?? [];
        var fields = term.MatchFields ?? [];
        return expressions.Count + fields.Count > 0
            && expressions.All(r => Matches(r, labels.GetValueOrDefault(r.Key)))
            && fields.All(r => r.Key == "metadata.name" && Matches(r, node));
    }

    public static bool Matches(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
    {
        "In" => value is not null && requirement.Values?.Contains(value) == true,
        "NotIn" => value is null || requirement.Values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(requirement, value) > 0,
        "Lt" => Compare(requirement, value) < 0,
        _ => false,
    };

    public static bool Tolerates(IReadOnlyList<V1Toleration> tolerations, V1Taint taint) => tolerations.Any(t => Tolerations.Matches(t, taint));

    private static int? Compare(V1NodeSelectorRequirement requirement, string? value) =>
        requirement.Values is [var bound]
        && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(bound, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : null;
}
