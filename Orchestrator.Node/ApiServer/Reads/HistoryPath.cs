namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>A path of the history API: the object whose events are shown.</summary>
/// <param name="Group">Group of the object's kind; empty for the core group.</param>
/// <param name="Plural">The kind's plural, such as <c>pods</c>.</param>
/// <param name="Namespace">Empty for kinds without.</param>
/// <param name="Name">Name of the object.</param>
internal sealed record HistoryPath(string Group, string Plural, string Namespace, string Name)
{
    /// <summary>The group, for which rules are written.</summary>
    public const string ApiGroup = "history.orchestrator.io";

    /// <summary>What all paths begin with.</summary>
    public const string Root = $"/apis/{ApiGroup}/v1/";

    /// <summary>Reads a path; null if it is not that of one object.</summary>
    public static HistoryPath? Parse(string route) =>
        route.StartsWith(Root, StringComparison.Ordinal) && route[Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries) is [var group, var plural, var ns, var name]
            ? new(group == "core" ? "" : group, plural, ns == "-" ? "" : ns, name) : null;
}
