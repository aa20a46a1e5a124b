using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Gates that keep a pod from being scheduled until all of them are removed (Kubernetes, "Pod Scheduling Readiness").</summary>
internal static class SchedulingGates
{
    /// <summary>Reason of the condition <c>PodScheduled</c>, and the status that <c>kubectl get</c> shows.</summary>
    public const string Reason = "SchedulingGated";

    /// <summary>The names of a spec's gates.</summary>
    public static IEnumerable<string> Of(JsonObject? spec) => JsonFilling.Items(spec ?? [], "schedulingGates").Select(g => (string?)g["name"] ?? "");

    /// <summary>The condition of a pod that waits for its gates.</summary>
    public static JsonObject Condition() => new()
    {
        ["type"] = "PodScheduled",
        ["status"] = "False",
        ["reason"] = Reason,
        ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
    };

    /// <summary>Checks a spec.</summary>
    public static void Check(FieldErrors errors, string path, JsonObject spec)
    {
        var names = Of(spec).ToList();
        for (var i = 0; i < names.Count; i++)
        {
            if (Names.LabelKey(names[i]) is { } why)
            {
                errors.Invalid($"{path}.schedulingGates[{i}].name", names[i], why);
            }
            else if (names.IndexOf(names[i]) < i)
            {
                errors.Duplicate($"{path}.schedulingGates[{i}]", names[i]);
            }
        }

        if (names.Count > 0 && (string?)spec["nodeName"] is { Length: > 0 })
        {
            errors.Forbidden($"{path}.nodeName", "cannot be set until all schedulingGates have been cleared");
        }
    }

    /// <summary>Checks an update: gates can only be removed, and while there are some, labels may be added to the node selector. The affinity does not change.</summary>
    public static void CheckUpdate(FieldErrors errors, JsonObject old, JsonObject wanted)
    {
        var before = Of(old).ToHashSet(StringComparer.Ordinal);
        foreach (var added in Of(wanted).Where(g => !before.Contains(g)))
        {
            errors.Forbidden("spec.schedulingGates", $"only deletion is allowed, but found new scheduling gate '{added}'");
        }

        var selector = wanted["nodeSelector"] as JsonObject ?? [];
        if (before.Count > 0 && (old["nodeSelector"] as JsonObject ?? []).Any(s => !JsonNode.DeepEquals(selector[s.Key], s.Value)))
        {
            errors.Invalid("spec.nodeSelector", selector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }
    }
}
