using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>Reads whole numbers from nodes that were parsed as well as from nodes that code made: <c>GetValue</c> insists on the CLR type.</summary>
public static class JsonNumber
{
    /// <summary>The number; null when the node is absent or something else.</summary>
    public static long? AsInt64(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
