using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network.Cni;

/// <summary>Reads what somebody else has written: no name twice, not deeper than anybody needs. Pure.</summary>
internal static class CniJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Reads an object.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="NetworkException">It is none.</exception>
    public static JsonObject Read(string text, string what)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Strict) as JsonObject ?? throw new NetworkException($"{what} is no JSON object");
        }
        catch (JsonException e)
        {
            throw new NetworkException($"{what} is no JSON: {e.Message}");
        }
    }

    /// <summary>The text of a member; null if it is not there or no text.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Whether a member is true, also as text.</summary>
    public static bool IsTrue(JsonNode? node) => node is JsonValue value && (value.TryGetValue<bool>(out var flag) ? flag : string.Equals(Text(value), "true", StringComparison.OrdinalIgnoreCase));

    /// <summary>The members of a list; none if it is no list.</summary>
    public static IEnumerable<JsonNode?> Items(JsonNode? node) => node as JsonArray ?? [];
}
