using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>A resource URL taken apart: <c>/api/v1/namespaces/default/pods/web/log</c>.</summary>
/// <param name="Served">The group and version that the client speaks.</param>
/// <param name="Namespace">Null for none, or all.</param>
/// <param name="Name">Null for a collection.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record ResourcePath(ResourceDefinition Served, string? Namespace, string? Name, string Subresource)
{
    /// <summary>The kind as it is stored.</summary>
    public ResourceDefinition Kind => Served.Stored;

    /// <summary>Reads a path; null if it is none of a kind that is served.</summary>
    public static ResourcePath? Parse(string path, ResourceRegistry registry)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var r] => ("", v, r),
            ["apis", var g, var v, .. var r] => (g, v, r),
            _ => ("", "", []),
        };
        return rest switch
        {
            ["namespaces", var ns, var plural, .. var more] when registry.ByPath(group, version, plural) is { Namespaced: true } kind => At(kind, ns, more),
            [var plural, .. var more] when registry.ByPath(group, version, plural) is { } kind && (!kind.Namespaced || more.Length == 0) => At(kind, null, more),
            _ => null,
        };
    }

    private static ResourcePath? At(ResourceDefinition kind, string? ns, string[] more) => more switch
    {
        [] => new(kind, ns, null, ""),
        [var name] => new(kind, ns, name, ""),
        // The approval of a request is a part of its status, as far as the API goes.
        [var name, "approval"] when kind.Subresources.Contains("approval") => new(kind, ns, name, "status"),
        [var name, var sub] when kind.Subresources.Contains(sub) => new(kind, ns, name, sub),
        // What follows belongs to whoever the request is passed on to.
        [var name, "proxy", ..] when kind.Subresources.Contains("proxy") => new(kind, ns, name, "proxy"),
        _ => null,
    };
}
