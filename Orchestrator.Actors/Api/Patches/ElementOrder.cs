using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Orders the items of a merged list as a patch demands (<c>$setElementOrder</c>).</summary>
/// <remarks>An item that only the server has stays behind its predecessor, if both remain.</remarks>
internal static class ElementOrder
{
    /// <summary>Returns an error message if the order contradicts the items of the same patch; null if not.</summary>
    /// <param name="list">Name of the list.</param>
    /// <param name="key">The field by which its items merge; null for a list of values.</param>
    /// <param name="order">The order that the patch sets.</param>
    /// <param name="items">The items in the patch.</param>
    public static string? Error(string list, string? key, JsonArray order, JsonArray? items)
    {
        if (key is not null && !order.All(o => o is JsonObject item && item.ContainsKey(key)))
        {
            return $"{PatchDirectives.Order}{list} must be a list of items with their {key}";
        }

        // Search for each item behind the previous one.
        var at = 0;
        var ordered = order.Select(o => Identity(key, o)).ToList();
        foreach (var item in (items ?? []).Where(i => i is not JsonObject o || !IsDirective(o)))
        {
            var found = ordered.IndexOf(Identity(key, item), at);
            if (found < 0)
            {
                return $"the items of {list} do not stand in the order of {PatchDirectives.Order}{list}: {Identity(key, item)} is not in it, or in another place";
            }

            at = found + 1;
        }

        return null;
    }

    /// <summary>Returns the merged items in the order of the patch. Other items keep their place between them.</summary>
    public static JsonArray Arrange(string? key, JsonArray order, JsonArray merged, JsonArray? before)
    {
        var (wanted, old) = (Places(key, order), Places(key, before ?? []));
        var items = merged.Select(i => (Item: i, Id: Identity(key, i))).ToList();
        var ordered = new Queue<(JsonNode? Item, string Id)>(items.Where(i => wanted.ContainsKey(i.Id)).OrderBy(i => wanted[i.Id]));
        var others = new Queue<(JsonNode? Item, string Id)>(items.Where(i => !wanted.ContainsKey(i.Id)));
        var result = new JsonArray();
        while (ordered.Count + others.Count > 0)
        {
            var isOther = ordered.Count == 0 || (others.Count > 0
                && old.TryGetValue(others.Peek().Id, out var other) && old.TryGetValue(ordered.Peek().Id, out var next) && other < next);
            result.Add((isOther ? others : ordered).Dequeue().Item?.DeepClone());
        }

        return result;
    }

    private static bool IsDirective(JsonObject item) => (string?)item["$patch"] is "delete" or "replace";

    private static Dictionary<string, int> Places(string? key, JsonArray items)
    {
        var places = new Dictionary<string, int>();
        foreach (var item in items)
        {
            places.TryAdd(Identity(key, item), places.Count);
        }

        return places;
    }

    // Merge key and value of an object, or the value of a primitive.
    private static string Identity(string? key, JsonNode? item) =>
        item is JsonObject o && key is not null ? $"{key} {o[key]?.ToJsonString()}" : item?.ToJsonString() ?? "null";
}
