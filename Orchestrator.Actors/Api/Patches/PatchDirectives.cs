namespace Orchestrator.Actors.Api.Patches;

/// <summary>Directives of strategic merge patches: member names that are not fields.</summary>
internal static class PatchDirectives
{
    /// <summary>How an object is patched: <c>merge</c>, <c>replace</c> or <c>delete</c>.</summary>
    public const string Patch = "$patch";

    /// <summary>The members to keep; all others are removed.</summary>
    public const string RetainKeys = "$retainKeys";

    /// <summary>Prefix of a list's name: the order of its items.</summary>
    public const string Order = "$setElementOrder/";

    /// <summary>Prefix of a list's name: the values to remove from it.</summary>
    public const string DeleteFrom = "$deleteFromPrimitiveList/";
}
