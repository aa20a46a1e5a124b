using System.Text.Json.Nodes;
using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Applies strategic merge patches: objects are merged; lists with a merge key are merged by it, in the order that the patch sets; other lists are
/// replaced (Kubernetes, "Update API Objects in Place Using kubectl patch").</summary>
public static class StrategicMergePatch
{
    /// <summary>Applies a patch.</summary>
    /// <param name="target">The object. It is modified.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="schema">The schema of the object.</param>
    /// <returns>The result, or an error message that names the invalid directive.</returns>
    public static (JsonObject? Result, string? Error) Apply(JsonObject target, JsonObject patch, SchemaNode schema) =>
        Error(schema, patch) is { } error ? (null, error) : (Merge(schema, target, patch), null);

    private static string? Error(SchemaNode? node, JsonNode? patch) => patch switch
    {
        JsonObject o => o.Select(p => Error(p.Key, p.Value) ?? Error(Part(node, p.Key), p.Value)).FirstOrDefault(e => e is not null)
            ?? Orders(o).Select(p => ElementOrder.Error(p.List, KeyOf(node, p.List), p.Order, o[p.List] as JsonArray)).FirstOrDefault(e => e is not null),
        JsonArray a => a.Select(i => Error(node?.Items, i)).FirstOrDefault(e => e is not null),
        _ => null,
    };

    private static string? Error(string name, JsonNode? value) => name switch
    {
        PatchDirectives.Patch when !IsText(value) || (string)value! is not ("replace" or "delete" or "merge") => $"{name} must be \"delete\", \"merge\" or \"replace\"",
        PatchDirectives.RetainKeys when value is not JsonArray keys || !keys.All(IsText) => $"{name} must be a list of field names",
        _ when (IsOrder(name) || IsDeletion(name)) && (value is not JsonArray items || items.Contains(null)) => $"{name} must be a list of values",
        _ => null,
    };

    private static bool IsText(JsonNode? value) => value is JsonValue v && v.TryGetValue<string>(out _);

    private static bool IsOrder(string name) => name.StartsWith(PatchDirectives.Order, StringComparison.Ordinal);

    private static bool IsDeletion(string name) => name.StartsWith(PatchDirectives.DeleteFrom, StringComparison.Ordinal);

    private static IEnumerable<(string List, JsonArray Order)> Orders(JsonObject patch) =>
        patch.Where(p => IsOrder(p.Key)).Select(p => (p.Key[PatchDirectives.Order.Length..], (JsonArray)p.Value!));

    private static SchemaNode? Part(SchemaNode? node, string name) => Field(node, name)?.Value ?? (node?.Type == SchemaType.Map ? node.Items : null);

    private static SchemaField? Field(SchemaNode? node, string name) => node?.Fields.GetValueOrDefault(name);

    private static string? KeyOf(SchemaNode? node, string list) => Field(node, list)?.MergeKey;

    private static JsonObject Merge(SchemaNode? node, JsonObject target, JsonObject patch)
    {
        if (Says(patch, "replace"))
        {
            // Start from an empty object, and keep directives out of it.
            target = [];
        }

        var orders = Orders(patch).Select(p => (p.List, p.Order, Before: target[p.List] as JsonArray)).ToList();
        foreach (var (name, value) in patch)
        {
            if (name is PatchDirectives.Patch or PatchDirectives.RetainKeys || IsOrder(name))
            {
                continue;
            }

            if (IsDeletion(name))
            {
                var gone = ((JsonArray)value!).Select(v => v!.ToJsonString()).ToHashSet();
                var list = name[PatchDirectives.DeleteFrom.Length..];
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
                (JsonObject t, JsonObject p) => Merge(Part(node, name), (JsonObject)t.DeepClone(), p),
                (_, JsonObject p) => Merge(Part(node, name), [], p),
                (JsonArray t, JsonArray p) => MergeList(Field(node, name), t, p),
                (_, JsonArray p) => MergeList(Field(node, name), [], p),
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
                target[list] = ElementOrder.Arrange(KeyOf(node, list), order, merged, before);
            }
        }

        if (patch[PatchDirectives.RetainKeys] is JsonArray retained)
        {
            var keep = retained.Select(k => k!.GetValue<string>()).ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList())
            {
                target.Remove(name);
            }
        }

        return target;
    }

    private static JsonArray MergeList(SchemaField? field, JsonArray target, JsonArray patch)
    {
        if (field is { Merges: true, MergeKey: null })
        {
            return new JsonArray([.. target.Concat(patch).DistinctBy(i => i?.ToJsonString()).Select(i => i?.DeepClone())]);
        }

        var items = patch.OfType<JsonObject>().ToList();
        if (items.Count != patch.Count || field?.MergeKey is not { } key || items.Any(i => i.Count == 1 && Says(i, "replace")))
        {
            return new JsonArray([.. patch.Where(i => i is not JsonObject o || o[PatchDirectives.Patch] is null).Select(i => i?.DeepClone())]);
        }

        var result = target.OfType<JsonObject>().Select(i => (JsonObject)i.DeepClone()).ToList();
        foreach (var item in items)
        {
            var at = result.FindIndex(r => JsonNode.DeepEquals(r[key], item[key]));
            if (Says(item, "delete"))
            {
                result.RemoveAll(r => JsonNode.DeepEquals(r[key], item[key]));
            }
            else if (at >= 0)
            {
                result[at] = Merge(field.Value.Items, result[at], item);
            }
            else
            {
                result.Add(Merge(field.Value.Items, [], item));
            }
        }

        return new JsonArray([.. result]);
    }

    private static bool Says(JsonObject patch, string directive) => (string?)patch[PatchDirectives.Patch] == directive;
}
