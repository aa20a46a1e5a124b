using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Patches;

namespace Orchestrator.Cli.Manifests;

/// <summary>Computes the strategic merge patch of an apply: sets the fields of the manifest, removes those that are only in the last applied one, keeps the rest.</summary>
internal static class ThreeWayPatch
{
    /// <summary>Returns the patch; empty if the live object matches the manifest.</summary>
    /// <param name="applied">The last applied manifest; null if there is none.</param>
    /// <param name="wanted">The manifest.</param>
    /// <param name="live">The object on the server.</param>
    /// <param name="rules">Merge rules of its lists.</param>
    public static JsonObject Compute(JsonObject? applied, JsonObject wanted, JsonObject live, MergeRules rules)
    {
        var patch = Objects(rules, applied, wanted, live);
        patch.Remove("apiVersion");
        patch.Remove("kind");

        // The annotations may differ only in formatting.
        if (patch.Count == 1 && patch["metadata"] is JsonObject { Count: 1 } metadata && metadata["annotations"] is JsonObject { Count: 1 } annotations
            && annotations.ContainsKey(LastApplied.Annotation) && JsonNode.DeepEquals(applied, LastApplied.Of(wanted)))
        {
            return [];
        }

        return patch;
    }

    private static JsonObject Objects(MergeRules rules, JsonObject? applied, JsonObject wanted, JsonObject live)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            var current = live[name];
            switch (value, current)
            {
                case (null, null):
                    break;
                case (null, _):
                    patch[name] = null;
                    break;
                case (JsonObject w, JsonObject l):
                    if (Objects(rules[name], applied?[name] as JsonObject, w, l) is { Count: > 0 } inner)
                    {
                        RetainKeys(rules[name], inner, w);
                        patch[name] = inner;
                    }

                    break;
                case (JsonArray w, JsonArray l):
                    Lists(rules[name], patch, name, applied?[name] as JsonArray, w, l);
                    break;
                case (JsonObject { Count: 0 } or JsonArray { Count: 0 }, null) when IsSame(value, applied?[name]):
                    // The server dropped it when it was applied last, and would again.
                    break;
                default:
                    if (!IsSame(value, current))
                    {
                        patch[name] = Whole(rules[name], value);
                    }

                    break;
            }
        }

        foreach (var (name, _) in applied ?? [])
        {
            if (!wanted.ContainsKey(name) && live.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        return patch;
    }

    private static void Lists(MergeRules rules, JsonObject patch, string name, JsonArray? applied, JsonArray wanted, JsonArray live)
    {
        if (rules is { Merges: true, Key: null } && wanted.Concat(live).Concat(applied ?? []).All(v => v is JsonValue))
        {
            Sets(patch, name, applied, wanted, live);
        }
        else if (rules is { Merges: true, Key: { } key } && Keyed(key, wanted) is { } want && Keyed(key, live) is { } have)
        {
            Items(rules, key, patch, name, applied is null ? null : Keyed(key, applied), want, have);
        }
        else if (!IsSame(wanted, live))
        {
            patch[name] = rules is { Merges: true, Key: not null } ? Replacing(wanted) : wanted.DeepClone();
        }
    }

    // A value that is set as a whole. The server merges the items of its lists with each other, unless told not to.
    private static JsonNode? Whole(MergeRules rules, JsonNode? value) => value switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, Whole(rules[p.Key], p.Value)))),
        JsonArray list when rules is { Merges: true, Key: { } key } =>
            Keyed(key, list) is null ? Replacing(list) : new JsonArray([.. list.Select(i => Whole(rules.Items, i))]),
        _ => value?.DeepClone(),
    };

    private static JsonArray Replacing(JsonArray list) => new([new JsonObject { [PatchDirectives.Patch] = "replace" }, .. list.Select(i => i?.DeepClone())]);

    // The fields exclude each other: those that the manifest does not name go, defaults of the server too.
    private static void RetainKeys(MergeRules rules, JsonObject patch, JsonObject wanted)
    {
        if (rules.RetainsKeys)
        {
            patch[PatchDirectives.RetainKeys] = new JsonArray([.. wanted.Where(p => p.Value is not null).Select(p => JsonValue.Create(p.Key))]);
        }
    }

    private static void Items(
        MergeRules rules,
        string key,
        JsonObject patch,
        string name,
        OrderedDictionary<string, JsonObject>? before,
        OrderedDictionary<string, JsonObject> want,
        OrderedDictionary<string, JsonObject> have)
    {
        var items = new JsonArray();
        foreach (var (id, item) in want)
        {
            if (!have.TryGetValue(id, out var current))
            {
                items.Add(Whole(rules.Items, item));
            }
            else if (Objects(rules.Items, before?.GetValueOrDefault(id), item, current) is { Count: > 0 } inner)
            {
                inner[key] ??= item[key]!.DeepClone();
                RetainKeys(rules, inner, item);
                items.Add(inner);
            }
        }

        foreach (var (id, item) in before ?? [])
        {
            if (!want.ContainsKey(id) && have.ContainsKey(id))
            {
                items.Add(new JsonObject { [key] = item[key]!.DeepClone(), [PatchDirectives.Patch] = "delete" });
            }
        }

        if (items.Count > 0)
        {
            patch[name] = items;
        }

        if (!want.Keys.SequenceEqual(have.Keys.Where(want.ContainsKey)))
        {
            patch[PatchDirectives.Order + name] = new JsonArray([.. want.Values.Select(w => new JsonObject { [key] = w[key]!.DeepClone() })]);
        }
    }

    private static void Sets(JsonObject patch, string name, JsonArray? applied, JsonArray wanted, JsonArray live)
    {
        var (want, have) = (Texts(wanted), Texts(live));
        var (added, gone) = (want.Except(have).ToList(), Texts(applied ?? []).Except(want).Intersect(have).ToList());
        if (gone.Count > 0)
        {
            patch[PatchDirectives.DeleteFrom + name] = Values(gone);
        }

        if (added.Count > 0)
        {
            patch[name] = Values(added);
        }

        if (!want.SequenceEqual(have.Where(want.Contains)))
        {
            patch[PatchDirectives.Order + name] = Values(want);
        }
    }

    private static List<string> Texts(JsonArray values) => [.. values.Select(v => v!.ToJsonString()).Distinct()];

    private static JsonArray Values(List<string> texts) => new([.. texts.Select(t => JsonNode.Parse(t))]);

    // Null if an item has no key or a duplicate one; the whole list is replaced then.
    private static OrderedDictionary<string, JsonObject>? Keyed(string key, JsonArray list)
    {
        var found = new OrderedDictionary<string, JsonObject>();
        foreach (var item in list)
        {
            if (item is not JsonObject o || o[key] is not JsonValue || !found.TryAdd(o.Text(key)!, o))
            {
                return null;
            }
        }

        return found;
    }

    private static bool IsSame(JsonNode? a, JsonNode? b) => (a, b) switch
    {
        (JsonValue x, JsonValue y) when x.GetValueKind() == JsonValueKind.Number && y.GetValueKind() == JsonValueKind.Number =>
            decimal.TryParse(x.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var n)
            && decimal.TryParse(y.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var m) && n == m,
        (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(p => IsSame(p.First, p.Second)),
        (JsonObject x, JsonObject y) => x.Count == y.Count && x.All(p => y.ContainsKey(p.Key) && IsSame(p.Value, y[p.Key])),
        _ => JsonNode.DeepEquals(a, b),
    };
}
