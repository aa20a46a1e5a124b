namespace Orchestrator.Actors.Api.Patches;

/// <summary>The names in a strategic merge patch that are directives, not fields.</summary>
internal static class PatchDirectives
{
    /// <summary>What becomes of the object: <c>merge</c>, <c>replace</c> or <c>delete</c>.</summary>
    public const string Patch = "$patch";

    /// <summary>The members that stay.</summary>
    public const string RetainKeys = "$retainKeys";

    /// <summary>Before a list's name: the order in which its items shall stand.</summary>
    public const string Order = "$setElementOrder/";

    /// <summary>Before a list's name: the values that are taken out of it.</summary>
    public const string DeleteFrom = "$deleteFromPrimitiveList/";
}
