using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Validates the failure policy and the success policy of a job, with the limits and messages of Kubernetes.</summary>
internal static class JobPolicyValidation
{
    private const int MaxRules = 20;
    private const int MaxExitCodes = 255;
    private const int MaxConditions = 20;
    private const int MaxIndexesText = 64 * 1024;

    /// <summary>Validates the policies of a spec.</summary>
    /// <param name="path">Path of the spec.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="errors">Collects the errors.</param>
    public static void Check(string path, JsonObject spec, FieldErrors errors)
    {
        if (spec["podFailurePolicy"] is JsonObject failure)
        {
            var rules = JsonFilling.Items(failure, "rules").ToList();
            errors.AtMost($"{path}.podFailurePolicy.rules", rules.Count, MaxRules);
            var containers = Names(spec, "containers").Concat(Names(spec, "initContainers")).ToHashSet();
            for (var i = 0; i < rules.Count; i++)
            {
                FailureRule($"{path}.podFailurePolicy.rules[{i}]", rules[i], spec, containers, errors);
            }
        }

        if (spec["successPolicy"] is JsonObject success)
        {
            if ((string?)spec["completionMode"] != "Indexed")
            {
                errors.Invalid($"{path}.successPolicy", success, "requires indexed completion mode");
                return;
            }

            var rules = JsonFilling.Items(success, "rules").ToList();
            if (rules.Count == 0)
            {
                errors.Required($"{path}.successPolicy.rules", "at least one rules must be specified when the successPolicy is specified");
            }

            errors.AtMost($"{path}.successPolicy.rules", rules.Count, MaxRules);
            for (var i = 0; i < rules.Count; i++)
            {
                SuccessRule($"{path}.successPolicy.rules[{i}]", rules[i], spec["completions"].AsInt64() ?? 0, errors);
            }
        }
    }

    private static void FailureRule(string path, JsonObject rule, JsonObject spec, HashSet<string?> containers, FieldErrors errors)
    {
        var action = (string?)rule["action"];
        if (action is null or "")
        {
            errors.Required($"{path}.action", "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
        }
        else if (action == "FailIndex" && spec["backoffLimitPerIndex"] is null)
        {
            errors.Invalid($"{path}.action", action, "requires the backoffLimitPerIndex to be set");
        }
        else
        {
            errors.OneOf($"{path}.action", action, "Count", "FailIndex", "FailJob", "Ignore");
        }

        var conditions = JsonFilling.Items(rule, "onPodConditions").ToList();
        var codes = rule["onExitCodes"] as JsonObject;
        if (codes is not null)
        {
            ExitCodes($"{path}.onExitCodes", codes, containers, errors);
        }

        errors.AtMost($"{path}.onPodConditions", conditions.Count, MaxConditions);
        for (var i = 0; i < conditions.Count; i++)
        {
            errors.Named($"{path}.onPodConditions[{i}].type", (string?)conditions[i]["type"], Validation.Names.LabelKey);
            errors.OneOf($"{path}.onPodConditions[{i}].status", (string?)conditions[i]["status"], "False", "True", "Unknown");
        }

        if (codes is not null == conditions.Count > 0)
        {
            errors.Invalid(path, rule, codes is null ? "specifying one of OnExitCodes and OnPodConditions is required" : "specifying both OnExitCodes and OnPodConditions is not supported");
        }
    }

    private static void ExitCodes(string path, JsonObject codes, HashSet<string?> containers, FieldErrors errors)
    {
        var (op, container) = ((string?)codes["operator"], (string?)codes["containerName"]);
        errors.OneOf($"{path}.operator", op ?? "", "In", "NotIn");
        if (container is not null && !containers.Contains(container))
        {
            errors.Invalid($"{path}.containerName", container, "must be one of the container or initContainer names in the pod template");
        }

        var values = (codes["values"] as JsonArray ?? []).Select(v => v.AsInt64() ?? 0).ToList();
        if (values.Count == 0)
        {
            errors.Invalid($"{path}.values", codes["values"], "at least one value is required");
        }

        errors.AtMost($"{path}.values", values.Count, MaxExitCodes);
        for (var i = 0; i < values.Count; i++)
        {
            if (op == "In" && values[i] == 0)
            {
                errors.Invalid($"{path}.values[{i}]", values[i], "must not be 0 for the In operator");
            }

            if (values.IndexOf(values[i]) < i)
            {
                errors.Duplicate($"{path}.values[{i}]", values[i]);
            }
        }

        if (!values.SequenceEqual(values.Order()))
        {
            errors.Invalid($"{path}.values", codes["values"], "must be ordered");
        }
    }

    private static void SuccessRule(string path, JsonObject rule, long completions, FieldErrors errors)
    {
        var (text, count) = ((string?)rule["succeededIndexes"], rule["succeededCount"].AsInt64());
        if (text is null && count is null)
        {
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }

        var indexes = CompletionIndexes.Parse(text, int.MaxValue);
        if (text?.Length > MaxIndexesText)
        {
            errors.TooLong($"{path}.succeededIndexes", MaxIndexesText);
        }
        else if (text is not null && (indexes is null || indexes.Count != CompletionIndexes.Parse(text, (int)Math.Min(completions, int.MaxValue))!.Count))
        {
            errors.Invalid($"{path}.succeededIndexes", text, $"error parsing succeededIndexes: must be ascending indexes below {completions}, such as \"1,3-5,7\"");
        }

        errors.NotNegative(path, rule, "succeededCount");
        if (count > completions)
        {
            errors.Invalid($"{path}.succeededCount", count, $"must be less than or equal to {completions} (the number of specified completions)");
        }

        if (text is not null && indexes is not null && count > indexes.Count)
        {
            errors.Invalid($"{path}.succeededCount", count, $"must be less than or equal to {indexes.Count} (the number of indexes in the specified succeededIndexes field)");
        }
    }

    private static IEnumerable<string?> Names(JsonObject spec, string list) =>
        spec["template"]?["spec"] is JsonObject pod ? JsonFilling.Items(pod, list).Select(c => (string?)c["name"]) : [];
}
