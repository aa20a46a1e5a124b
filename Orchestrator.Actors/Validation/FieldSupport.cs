using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Validation;

/// <summary>A field that is not honoured, or not with every value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Why">The rest of the sentence that begins with its path.</param>
/// <param name="IsAsked">Whether a value asks for what is not done; null: whatever is not empty or false does.</param>
internal sealed record UnsupportedField(string Name, string Why, Func<JsonNode, bool>? IsAsked = null)
{
    /// <summary>Whether an object asks for it.</summary>
    public bool IsIn(JsonObject o) => o[Name] is { } value && (IsAsked ?? IsGiven)(value);

    /// <summary>Whether a value says anything.</summary>
    public static bool IsGiven(JsonNode value) => value switch
    {
        JsonArray list => list.Count > 0,
        JsonValue v => v.GetValueKind() != JsonValueKind.False && v.ToString().Length > 0,
        _ => true,
    };
}

/// <summary>What this server does with each field of one part of a pod's spec. Every field is in exactly one of the lists.</summary>
/// <param name="Honoured">Something acts on them, whatever their value, or they need no action.</param>
/// <param name="Warned">Stored without effect; manifests that were written for other clusters shall apply.</param>
/// <param name="Refused">They promise confinement or order that nobody would keep: who relies on them must not be let down silently.</param>
internal sealed record FieldSupport(ImmutableArray<string> Honoured, ImmutableArray<UnsupportedField> Warned, ImmutableArray<UnsupportedField> Refused)
{
    /// <summary>A sentence for each field that is stored without effect.</summary>
    public IEnumerable<string> Warnings(string path, JsonObject o) => Warned.Where(f => f.IsIn(o)).Select(f => $"{path}.{f.Name}: {f.Why}");

    /// <summary>Refuses the fields whose promise would not be kept.</summary>
    public void Refuse(FieldErrors causes, string path, JsonObject o)
    {
        foreach (var field in Refused.Where(f => f.IsIn(o)))
        {
            causes.Forbidden($"{path}.{field.Name}", field.Why);
        }
    }
}
