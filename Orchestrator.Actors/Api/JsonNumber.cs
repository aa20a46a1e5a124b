using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>Reads integers from parsed nodes and from nodes created in code, for which <c>GetValue</c> needs the exact CLR type.</summary>
public static class JsonNumber
{
    /// <summary>Returns the integer; null if the node is absent or not an integer.</summary>
    public static long? AsInt64(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
