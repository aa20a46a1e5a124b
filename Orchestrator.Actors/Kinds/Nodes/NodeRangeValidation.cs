using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Rules of the ranges of pod addresses of a node (Kubernetes, ValidateNode). Pure.</summary>
internal static class NodeRangeValidation
{
    private const int MostRanges = 2;

    /// <summary>Checks those of a node.</summary>
    public static void Validate(JsonObject o, FieldErrors errors)
    {
        var (first, all) = (First(o), All(o));
        if (first is { Length: > 0 } && !IPNetwork.TryParse(first, out _))
        {
            errors.Invalid("spec.podCIDR", first, "must be a valid CIDR value, such as 10.244.3.0/24");
        }

        foreach (var (range, i) in all.Select((r, i) => (r, i)).Where(r => !IPNetwork.TryParse(r.r, out _)))
        {
            errors.Invalid($"spec.podCIDRs[{i}]", range, "must be a valid CIDR value, such as 10.244.3.0/24 or fd00:244::/64");
        }

        if (all.Count > 0 && all[0] != first)
        {
            errors.Invalid("spec.podCIDRs[0]", all[0], "must be the same as podCIDR");
        }

        var families = all.Select(r => IPNetwork.TryParse(r, out var range) ? range.BaseAddress.AddressFamily : default).ToList();
        if (all.Count > MostRanges || families.Distinct().Count() < families.Count)
        {
            errors.Invalid("spec.podCIDRs", string.Join(", ", all), "may specify no more than one CIDR for each IP family");
        }
    }

    /// <summary>What a node has stays; only a family that came to the cluster later may come to it.</summary>
    public static void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        if (First(old) is { Length: > 0 } before && First(o) != before)
        {
            errors.Forbidden("spec.podCIDR", "node updates may not change podCIDR except from \"\" to valid");
        }

        var kept = All(old);
        if (!All(o).Take(kept.Count).SequenceEqual(kept))
        {
            errors.Forbidden("spec.podCIDRs", "node updates may not change podCIDRs except to add one of the other family");
        }
    }

    private static string? First(JsonObject o) => (string?)o["spec"]?["podCIDR"];

    private static IReadOnlyList<string> All(JsonObject o) => [.. (o["spec"]?["podCIDRs"] as JsonArray ?? []).Select(r => (string?)r ?? "")];
}
