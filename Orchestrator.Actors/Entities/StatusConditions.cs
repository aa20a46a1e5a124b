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

        var merged = Merged(known, given.OfType<JsonObject>());

        // The patch may be shared, so it is not modified.
        var changed = new JsonObject(patch.Where(p => p.Key != "status").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        changed["status"] = new JsonObject(status.Where(p => p.Key != "conditions").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())).Append(KeyValuePair.Create("conditions", (JsonNode?)merged)));
        return changed;
    }

    /// <summary>Returns the existing conditions, the given ones in place of the ones of the same type, and new types at the end. Whoever compares what it
    /// reports with what is stored must order its conditions so, or it never finds them equal.</summary>
    public static JsonArray Merged(JsonArray known, IEnumerable<JsonObject> given)
    {
        var left = given.Select(c => (Type: Text(c, "type"), Condition: c)).DistinctBy(c => c.Type).ToList();
        var merged = new JsonArray();
        foreach (var condition in known.OfType<JsonObject>())
        {
            var i = left.FindIndex(c => c.Type == Text(condition, "type"));
            merged.Add(i < 0 ? condition.DeepClone() : Successor(condition, left[i].Condition));
            if (i >= 0)
            {
                left.RemoveAt(i);
            }
        }

        foreach (var (_, added) in left)
        {
            merged.Add(added.DeepClone());
        }

        return merged;
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
