using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Resources;

/// <summary>A part of the spec that is changed by a subresource of its own and by no other way.</summary>
/// <param name="Field">Its field path below the object, for messages.</param>
/// <param name="Differs">Whether two specs differ in it: the old one and the new one.</param>
/// <param name="Take">Takes it over: into the first spec from the second.</param>
public sealed record SpecPart(string Field, Func<JsonObject, JsonObject, bool> Differs, Action<JsonObject, JsonObject> Take)
{
    /// <summary>The member that a new object must not have yet; null if it may have the part.</summary>
    public string? AddedLater { get; private init; }

    /// <summary>A member of the spec that objects get after they were created.</summary>
    public static SpecPart Later(string member) => new($"spec.{member}", (old, wanted) => !JsonNode.DeepEquals(old[member], wanted[member]), (spec, source) => spec[member] = source[member]?.DeepClone())
    {
        AddedLater = member,
    };
}
