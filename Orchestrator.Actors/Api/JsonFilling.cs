using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>What filling in a JSON object takes.</summary>
internal static class JsonFilling
{
    /// <summary>The object under a name; made when it is not there.</summary>
    public static JsonObject Child(JsonObject o, string name)
    {
        if (o[name] is not JsonObject child)
        {
            o[name] = child = [];
        }

        return child;
    }

    /// <summary>The objects in the list under a name; none when it is not there.</summary>
    public static IEnumerable<JsonObject> Items(JsonObject o, string name) => (o[name] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>Makes all of a tree now: a tree that was parsed makes its parts when they are first read, which only one reader may do.</summary>
    public static void Unfold(JsonNode? node)
    {
        foreach (var part in node switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] })
        {
            Unfold(part);
        }
    }

    /// <summary>Sets what is absent, null or an empty text, which is what clients send for a field they leave alone.</summary>
    public static void Set(JsonObject o, string name, JsonNode value)
    {
        if (o[name] is null || (o[name] is JsonValue given && given.TryGetValue<string>(out var text) && text.Length == 0))
        {
            o[name] = value;
        }
    }
}
