using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Validates topology spread constraints (Kubernetes, "Pod Topology Spread Constraints").</summary>
internal static class TopologySpreadValidation
{
    private const string Wait = "DoNotSchedule";

    /// <param name="causes">Takes what is wrong.</param>
    /// <param name="path">Path of the spec.</param>
    /// <param name="spec">The spec.</param>
    public static void Check(FieldErrors causes, string path, JsonObject? spec)
    {
        var seen = new HashSet<(string?, string?)>();
        foreach (var (constraint, i) in Items(spec, "topologySpreadConstraints"))
        {
            var at = $"{path}.topologySpreadConstraints[{i}]";
            var (key, when) = ((string?)constraint["topologyKey"], (string?)constraint["whenUnsatisfiable"]);
            if (constraint["maxSkew"].AsInt64() is not > 0)
            {
                causes.Invalid($"{at}.maxSkew", constraint["maxSkew"] ?? 0, "must be greater than zero");
            }

            causes.Named($"{at}.topologyKey", key, Names.LabelKey);
            causes.OneOf($"{at}.whenUnsatisfiable", when ?? "", Wait, "ScheduleAnyway");
            if (!seen.Add((key, when)))
            {
                causes.Duplicate($"{at}.{{topologyKey, whenUnsatisfiable}}", $"{{{key}, {when}}}");
            }

            Domains(causes, at, constraint["minDomains"], when);
            causes.OneOf($"{at}.nodeAffinityPolicy", (string?)constraint["nodeAffinityPolicy"], "Honor", "Ignore");
            causes.OneOf($"{at}.nodeTaintsPolicy", (string?)constraint["nodeTaintsPolicy"], "Honor", "Ignore");
            Selector(causes, $"{at}.labelSelector", constraint["labelSelector"] as JsonObject);
            OwnLabels(causes, $"{at}.matchLabelKeys", constraint["matchLabelKeys"] as JsonArray, constraint["labelSelector"] as JsonObject);
        }
    }

    /// <summary>Validates the keys of labels whose own values a selector takes up.</summary>
    public static void OwnLabels(FieldErrors causes, string path, JsonArray? keys, JsonObject? selector)
    {
        if (keys is { Count: > 0 } && selector is null)
        {
            causes.Forbidden(path, "must not be specified when labelSelector is not set");
            return;
        }

        foreach (var (key, i) in (keys ?? []).Select((k, i) => ((string?)k ?? "", i)))
        {
            causes.Named($"{path}[{i}]", key, Names.LabelKey);
            if ((selector!["matchLabels"] as JsonObject)?.ContainsKey(key) == true || Items(selector, "matchExpressions").Any(e => (string?)e.Item["key"] == key))
            {
                causes.Invalid($"{path}[{i}]", key, "exists in both matchLabelKeys and labelSelector");
            }
        }
    }

    private static void Domains(FieldErrors causes, string at, JsonNode? count, string? when)
    {
        if (count is null)
        {
            return;
        }

        if (count.AsInt64() is not > 0)
        {
            causes.Invalid($"{at}.minDomains", count, "must be greater than 0");
        }

        if (when != Wait)
        {
            causes.Invalid($"{at}.minDomains", count, $"can only use minDomains if whenUnsatisfiable={Wait}, not {when}");
        }
    }
}
