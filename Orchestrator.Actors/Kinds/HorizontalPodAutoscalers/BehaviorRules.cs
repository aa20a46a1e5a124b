using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Defaults and rules of <c>spec.behavior</c>: how fast an autoscaler scales (Kubernetes, "Horizontal Pod Autoscaling", configurable scaling behavior).</summary>
internal static class BehaviorRules
{
    private const int MaxWindowSeconds = 3600;
    private const int MaxPeriodSeconds = 1800;
    private const int DefaultPeriodSeconds = 15;

    /// <summary>Fills in both directions. An autoscaler without a behavior gets none: it doubles at most, and scales down at once after the cluster's window.</summary>
    public static void Default(JsonObject spec)
    {
        if (spec["behavior"] is not JsonObject behavior)
        {
            return;
        }

        var up = Child(behavior, "scaleUp");
        Set(up, "stabilizationWindowSeconds", 0);
        Fill(up, [Policy("Pods", 4), Policy("Percent", 100)]);

        // The window of scaling down is that of the cluster.
        Fill(Child(behavior, "scaleDown"), [Policy("Percent", 100)]);
    }

    /// <summary>Validates both directions.</summary>
    public static void Validate(JsonObject? spec, FieldErrors errors)
    {
        foreach (var direction in (string[])["scaleUp", "scaleDown"])
        {
            if (spec?["behavior"]?[direction] is JsonObject rules)
            {
                Rules(rules, $"spec.behavior.{direction}", errors);
            }
        }
    }

    private static void Fill(JsonObject rules, JsonArray policies)
    {
        Set(rules, "selectPolicy", "Max");
        if (rules["policies"] is null)
        {
            rules["policies"] = policies;
        }
    }

    private static JsonObject Policy(string type, int value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = DefaultPeriodSeconds };

    private static void Rules(JsonObject rules, string path, FieldErrors errors)
    {
        if (rules["stabilizationWindowSeconds"].AsInt64() is { } window && window is < 0 or > MaxWindowSeconds)
        {
            errors.Invalid($"{path}.stabilizationWindowSeconds", window, window < 0 ? "must be greater than or equal to zero" : $"must be less than or equal to {MaxWindowSeconds}");
        }

        errors.OneOf($"{path}.selectPolicy", (string?)rules["selectPolicy"], "Disabled", "Max", "Min");
        if (rules["policies"] is not JsonArray { Count: > 0 })
        {
            errors.Required($"{path}.policies", "must specify at least one Policy");
        }

        foreach (var (policy, i) in MetadataValidation.Items(rules, "policies"))
        {
            var at = MetadataValidation.At($"{path}.policies", i, "");
            errors.OneOf($"{at}type", (string?)policy["type"] ?? "", "Percent", "Pods");
            if (policy["value"].AsInt64() is null or <= 0)
            {
                errors.Invalid($"{at}value", policy["value"] ?? 0, "must be greater than zero");
            }

            if (policy["periodSeconds"].AsInt64() is var period && period is null or <= 0 or > MaxPeriodSeconds)
            {
                errors.Invalid($"{at}periodSeconds", period ?? 0, period > MaxPeriodSeconds ? $"must be less than or equal to {MaxPeriodSeconds}" : "must be greater than zero");
            }
        }
    }
}
