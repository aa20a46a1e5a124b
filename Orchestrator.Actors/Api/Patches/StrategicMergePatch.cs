using System.Text.Json.Nodes;
using static Orchestrator.Actors.Api.Patches.MergeKeys;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Strategic merge patch: objects merge; lists with a merge key merge by it, in the order that the patch sets; other lists are replaced.</summary>
/// <remarks>The rules are those of the Kubernetes page "Update API Objects in Place Using kubectl patch"; the keys those of the API types.</remarks>
public static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";

    /// <summary>Applies a patch to a target that may be changed.</summary>
    /// <returns>The result, or the sentence that says which directive of the patch has no meaning.</returns>
    public static (JsonObject? Result, string? Error) Apply(JsonObject target, JsonObject patch) =>
        Error(patch) is { } error ? (null, error) : (Merge(target, patch), null);

    private static string? Error(JsonNode? patch) => patch switch
    {
        JsonObject o => o.Select(p => Error(p.Key, p.Value) ?? Error(p.Value)).FirstOrDefault(e => e is not null)
            ?? Orders(o).Select(p => ElementOrder.Error(p.List, p.Order, o[p.List] as JsonArray)).FirstOrDefault(e => e is not null),
        JsonArray a => a.Select(Error).FirstOrDefault(e => e is not null),
        _ => null,
    };

    private static string? Error(string name, JsonNode? value) => name switch
    {
        Directive when !IsText(value) || (string)value! is not ("replace" or "delete" or "merge") => $"{name} must be \"delete\", \"merge\" or \"replace\"",
        RetainKeys when value is not JsonArray keys || !keys.All(IsText) => $"{name} must be a list of field names",
        _ when (name.StartsWith(Order, StringComparison.Ordinal) || name.StartsWith(DeleteFrom, StringComparison.Ordinal))
            && (value is not JsonArray items || items.Contains(null)) => $"{name} must be a list of values",
        _ => null,
    };

    private static bool IsText(JsonNode? value) => value is JsonValue v && v.TryGetValue<string>(out _);

    private static IEnumerable<(string List, JsonArray Order)> Orders(JsonObject patch) =>
        patch.Where(p => p.Key.StartsWith(Order, StringComparison.Ordinal)).Select(p => (p.Key[Order.Length..], (JsonArray)p.Value!));

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        if (Says(patch, "replace"))
        {
            // Nothing of the target is left, and nothing of the patch's directives gets into the object.
            target = [];
        }

        var orders = Orders(patch).Select(p => (p.List, p.Order, Before: target[p.List] as JsonArray)).ToList();
        foreach (var (name, value) in patch)
        {
            if (name == Directive || name.StartsWith(Order, StringComparison.Ordinal) || name == RetainKeys)
            {
                continue;
            }

            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal))
            {
                var gone = ((JsonArray)value!).Select(v => v!.ToJsonString()).ToHashSet();
                var list = name[DeleteFrom.Length..];
                if (target[list] is JsonArray items)
                {
                    target[list] = new JsonArray([.. items.Where(i => i is null || !gone.Contains(i.ToJsonString())).Select(i => i?.DeepClone())]);
                }

                continue;
            }

            target[name] = (target[name], value) switch
            {
                (_, null) => null,
                (JsonObject, JsonObject p) when Says(p, "delete") => null,
                (JsonObject t, JsonObject p) => Merge((JsonObject)t.DeepClone(), p),
                (_, JsonObject p) => Merge([], p),
                (JsonArray t, JsonArray p) => MergeList(name, t, p),
                (_, JsonArray p) => MergeList(name, [], p),
                _ => value.DeepClone(),
            };
            if (target[name] is null)
            {
                target.Remove(name);
            }
        }

        foreach (var (list, order, before) in orders)
        {
            if (target[list] is JsonArray merged)
            {
                target[list] = ElementOrder.Arrange(list, order, merged, before);
            }
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            var keep = retained.Select(k => k!.GetValue<string>()).ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList())
            {
                target.Remove(name);
            }
        }

        return target;
    }

    private static JsonArray MergeList(string name, JsonArray target, JsonArray patch)
    {
        if (Sets.Contains(name))
        {
            return new JsonArray([.. target.Concat(patch).DistinctBy(i => i?.ToJsonString()).Select(i => i?.DeepClone())]);
        }

        var items = patch.OfType<JsonObject>().ToList();
        if (items.Count != patch.Count || !ByList.ContainsKey(name)
            || items.Any(i => i.Count == 1 && Says(i, "replace")))
        {
            return new JsonArray([.. patch.Where(i => i is not JsonObject o || o[Directive] is null).Select(i => i?.DeepClone())]);
        }

        var result = target.OfType<JsonObject>().Select(i => (JsonObject)i.DeepClone()).ToList();
        foreach (var item in items)
        {
            var key = Of(name, item)!;
            var at = result.FindIndex(r => JsonNode.DeepEquals(r[key], item[key]));
            if (Says(item, "delete"))
            {
                result.RemoveAll(r => JsonNode.DeepEquals(r[key], item[key]));
            }
            else if (at >= 0)
            {
                result[at] = Merge(result[at], item);
            }
            else
            {
                result.Add(Merge([], item));
            }
        }

        return new JsonArray([.. result]);
    }

    private static bool Says(JsonObject patch, string directive) => (string?)patch[Directive] == directive;
}
