using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Strategic merge patch: objects merge; lists with a merge key merge by it; other lists are replaced.</summary>
/// <remarks>The rules are those of the Kubernetes page "Update API Objects in Place Using kubectl patch"; the keys those of the API types.</remarks>
public static class StrategicMergePatch
{
    private const string Directive = "$patch";

    /// <summary>Applies a patch to a target that may be changed, and returns the result.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        if (patch[Directive]?.GetValue<string>() == "replace")
        {
            return Stripped(patch);
        }

        foreach (var (name, value) in patch)
        {
            if (name == Directive || name.StartsWith("$setElementOrder/", StringComparison.Ordinal) || name == "$retainKeys")
            {
                continue;
            }

            if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
            {
                var gone = ((JsonArray)value!).Select(v => v!.ToJsonString()).ToHashSet();
                var list = name["$deleteFromPrimitiveList/".Length..];
                if (target[list] is JsonArray items)
                {
                    target[list] = new JsonArray([.. items.Where(i => !gone.Contains(i!.ToJsonString())).Select(i => i!.DeepClone())]);
                }

                continue;
            }

            target[name] = (target[name], value) switch
            {
                (_, null) => null,
                (JsonObject, JsonObject p) when p[Directive]?.GetValue<string>() == "delete" => null,
                (JsonObject t, JsonObject p) => Apply((JsonObject)t.DeepClone(), p),
                (_, JsonObject p) => Apply([], p),
                (JsonArray t, JsonArray p) => Merge(name, t, p),
                (_, JsonArray p) => Merge(name, [], p),
                _ => value.DeepClone(),
            };
            if (target[name] is null)
            {
                target.Remove(name);
            }
        }

        if (patch["$retainKeys"] is JsonArray retained)
        {
            var keep = retained.Select(k => k!.GetValue<string>()).ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList())
            {
                target.Remove(name);
            }
        }

        return target;
    }

    private static JsonArray Merge(string name, JsonArray target, JsonArray patch)
    {
        if (name == "finalizers")
        {
            return new JsonArray([.. target.Concat(patch).DistinctBy(i => i!.ToJsonString()).Select(i => i!.DeepClone())]);
        }

        var items = patch.OfType<JsonObject>().ToList();
        if (items.Count != patch.Count || !MergeKeys.ByList.TryGetValue(name, out var keys)
            || items.Any(i => i.Count == 1 && i[Directive]?.GetValue<string>() == "replace"))
        {
            return new JsonArray([.. patch.Where(i => i is not JsonObject o || o[Directive] is null).Select(i => i?.DeepClone())]);
        }

        var result = target.OfType<JsonObject>().Select(i => (JsonObject)i.DeepClone()).ToList();
        foreach (var item in items)
        {
            var key = Array.Find(keys, item.ContainsKey) ?? keys[0];
            var at = result.FindIndex(r => JsonNode.DeepEquals(r[key], item[key]));
            if (item[Directive]?.GetValue<string>() == "delete")
            {
                result.RemoveAll(r => JsonNode.DeepEquals(r[key], item[key]));
            }
            else if (at >= 0)
            {
                result[at] = Apply(result[at], item);
            }
            else
            {
                result.Add(Apply([], item));
            }
        }

        return new JsonArray([.. result]);
    }

    private static JsonObject Stripped(JsonObject patch)
    {
        var copy = (JsonObject)patch.DeepClone();
        copy.Remove(Directive);
        return copy;
    }
}
