using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Entities;

/// <summary>Merges conditions by type, because several writers own conditions of different types and must not drop each other's. Pure.</summary>
/// <remarks>Rules: Kubernetes API conventions, "Typical status properties": a list with the map key <c>type</c>, whose
/// <c>lastTransitionTime</c> changes only with the status.</remarks>
internal static class StatusConditions
{
    /// <summary>Returns the patch with a complete <c>status.conditions</c>: the existing conditions, those of the patch in place of the ones of the same
    /// type, and new types at the end.</summary>
    public static JsonObject Merged(JsonObject present, JsonObject patch)
    {
        if (patch["status"] is not JsonObject status || status["conditions"] is not JsonArray given
            || present["status"]?["conditions"] is not JsonArray { Count: > 0 } known)
        {
            return patch;
        }

        var left = given.OfType<JsonObject>().Select(c => (Type: Text(c, "type"), Condition: c)).DistinctBy(c => c.Type).ToDictionary(c => c.Type, c => c.Condition);
        var merged = new JsonArray();
        foreach (var condition in known.OfType<JsonObject>())
        {
            merged.Add(left.Remove(Text(condition, "type"), out var next) ? Successor(condition, next) : condition.DeepClone());
        }

        foreach (var added in given.OfType<JsonObject>().Where(c => left.Remove(Text(c, "type"))))
        {
            merged.Add(added.DeepClone());
        }

        // The patch may be shared, so it is not modified.
        var changed = new JsonObject(patch.Where(p => p.Key != "status").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        changed["status"] = new JsonObject(status.Where(p => p.Key != "conditions").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())).Append(KeyValuePair.Create("conditions", (JsonNode?)merged)));
        return changed;
    }

    private static JsonNode Successor(JsonObject before, JsonObject after)
    {
        var next = (JsonObject)after.DeepClone();
        if (Text(before, "status") == Text(after, "status") && before["lastTransitionTime"] is { } since)
        {
            next["lastTransitionTime"] = since.DeepClone();
        }

        return next;
    }

    private static string Text(JsonObject o, string name) => o[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
