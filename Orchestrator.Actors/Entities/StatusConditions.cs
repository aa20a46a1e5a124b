using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Entities;

/// <summary>Merges conditions by type, because several writers own conditions of different types and must not drop each other's. Pure.</summary>
/// <remarks>Rules: Kubernetes API conventions, "Typical status properties": a list with the map key <c>type</c>, whose
/// <c>lastTransitionTime</c> changes only with the status.</remarks>
internal static class StatusConditions
{
    // As in a strategic merge patch.
    private const string Directive = "$patch";

    /// <summary>Stands for a condition that its owner takes away. It is given like a condition, and never stored.</summary>
    public static JsonObject Removal(string type) => new() { ["type"] = type, [Directive] = "delete" };

    /// <summary>Adds to the patch of a status the removal of conditions that were there before it and are not after it; a list that leaves them out would not remove them.</summary>
    /// <param name="change">The patch, of the status alone; it is changed.</param>
    /// <param name="before">The status as its writer knew it.</param>
    /// <param name="after">The status as it is to be.</param>
    public static JsonObject WithRemovals(JsonObject change, JsonObject before, JsonObject after)
    {
        if (change["conditions"] is JsonArray list)
        {
            foreach (var gone in Types(before).Except(Types(after)))
            {
                list.Add(Removal(gone));
            }
        }

        return change;

        static IEnumerable<string> Types(JsonObject status) => (status["conditions"] as JsonArray ?? []).OfType<JsonObject>().Select(c => Text(c, "type"));
    }

    /// <summary>Returns the patch with a complete <c>status.conditions</c>: the existing conditions, those of the patch in place of the ones of the same
    /// type, and new types at the end.</summary>
    public static JsonObject Merged(JsonObject present, JsonObject patch)
    {
        if (patch["status"] is not JsonObject status || status["conditions"] is not JsonArray given)
        {
            return patch;
        }

        var known = present["status"]?["conditions"] as JsonArray ?? [];
        if (known.Count == 0 && !given.OfType<JsonObject>().Any(IsRemoval))
        {
            return patch;
        }

        var merged = Merged(known, given.OfType<JsonObject>());

        // The patch may be shared, so it is not modified.
        var changed = new JsonObject(patch.Where(p => p.Key != "status").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        changed["status"] = new JsonObject(status.Where(p => p.Key != "conditions").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())).Append(KeyValuePair.Create("conditions", (JsonNode?)merged)));
        return changed;
    }

    /// <summary>Returns the existing conditions but for those that are removed, the given ones in place of the ones of the same type, and new types at the end. Whoever compares what it
    /// reports with what is stored must order its conditions so, or it never finds them equal.</summary>
    public static JsonArray Merged(JsonArray known, IEnumerable<JsonObject> given)
    {
        var left = given.Select(c => (Type: Text(c, "type"), Condition: c)).DistinctBy(c => c.Type).ToList();
        var merged = new JsonArray();
        foreach (var condition in known.OfType<JsonObject>())
        {
            var i = left.FindIndex(c => c.Type == Text(condition, "type"));
            if (i < 0 || !IsRemoval(left[i].Condition))
            {
                merged.Add(i < 0 ? condition.DeepClone() : Successor(condition, left[i].Condition));
            }

            if (i >= 0)
            {
                left.RemoveAt(i);
            }
        }

        foreach (var (_, added) in left.Where(c => !IsRemoval(c.Condition)))
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

    private static bool IsRemoval(JsonObject condition) => condition.ContainsKey(Directive);

    private static string Text(JsonObject o, string name) => o[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
