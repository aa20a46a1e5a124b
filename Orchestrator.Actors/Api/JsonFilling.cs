using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>Helpers to set defaults in JSON objects.</summary>
internal static class JsonFilling
{
    /// <summary>Returns the child object with a name; creates it if it is absent.</summary>
    public static JsonObject Child(JsonObject o, string name)
    {
        if (o[name] is not JsonObject child)
        {
            o[name] = child = [];
        }

        return child;
    }

    /// <summary>Returns the objects in the list with a name; none if it is absent.</summary>
    public static IEnumerable<JsonObject> Items(JsonObject o, string name) => (o[name] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>Materializes a parsed tree. Nodes are otherwise created at first access, which is not thread-safe.</summary>
    public static void Unfold(JsonNode? node)
    {
        foreach (var part in node switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] })
        {
            Unfold(part);
        }
    }

    /// <summary>Sets a member if it is absent, null or an empty string; clients send all three for an unset field.</summary>
    public static void Set(JsonObject o, string name, JsonNode value)
    {
        if (o[name] is null || (o[name] is JsonValue given && given.TryGetValue<string>(out var text) && text.Length == 0))
        {
            o[name] = value;
        }
    }

    /// <summary>Whether a value is the JSON literal <c>true</c>.</summary>
    public static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;
}
