using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Validation;

/// <summary>A field that is not implemented, or not for every value.</summary>
/// <param name="Name">Name of the field.</param>
/// <param name="Why">The reason; follows the path of the field in messages.</param>
/// <param name="IsAsked">Whether a value needs what is not implemented. Null: every value except empty and false.</param>
internal sealed record UnsupportedField(string Name, string Why, Func<JsonNode, bool>? IsAsked = null)
{
    /// <summary>Whether an object sets the field to a value that is not implemented.</summary>
    public bool IsIn(JsonObject o) => o[Name] is { } value && (IsAsked ?? IsGiven)(value);

    /// <summary>Whether a value is neither empty nor false.</summary>
    public static bool IsGiven(JsonNode value) => value switch
    {
        JsonArray list => list.Count > 0,
        JsonValue v => v.GetValueKind() != JsonValueKind.False && v.ToString().Length > 0,
        _ => true,
    };
}

/// <summary>The level of support for each field of one type in a pod's spec. Every field is in exactly one of the lists.</summary>
/// <param name="Honoured">Implemented for every value, or informational.</param>
/// <param name="Warned">Stored without effect and with a warning, so that manifests for other clusters can be applied.</param>
/// <param name="Refused">Rejected, because users rely on them for isolation or ordering that is not implemented.</param>
internal sealed record FieldSupport(ImmutableArray<string> Honoured, ImmutableArray<UnsupportedField> Warned, ImmutableArray<UnsupportedField> Refused)
{
    /// <summary>Returns a warning for each field that is set without effect.</summary>
    public IEnumerable<string> Warnings(string path, JsonObject o) => Warned.Where(f => f.IsIn(o)).Select(f => $"{path}.{f.Name}: {f.Why}");

    /// <summary>Reports an error for each field that is set and must be rejected.</summary>
    public void Refuse(FieldErrors causes, string path, JsonObject o)
    {
        foreach (var field in Refused.Where(f => f.IsIn(o)))
        {
            causes.Forbidden($"{path}.{field.Name}", field.Why);
        }
    }
}
