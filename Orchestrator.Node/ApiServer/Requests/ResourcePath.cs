using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>A resource URL taken apart: <c>/api/v1/namespaces/default/pods/web/log</c>.</summary>
internal sealed record ResourcePath(ResourceDefinition Kind, string? Namespace, string? Name, string Subresource)
{
    public static ResourcePath? Parse(string path)
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
            ["namespaces", var ns, var plural, .. var more] when Find(group, version, plural) is { Namespaced: true } kind => At(kind, ns, more),
            [var plural, .. var more] when Find(group, version, plural) is { } kind && (!kind.Namespaced || more.Length == 0) => At(kind, null, more),
            _ => null,
        };
    }

    private static ResourceDefinition? Find(string group, string version, string plural) =>
        ResourceRegistry.ByResource(group, plural) is { } kind && kind.Version == version ? kind : null;

    private static ResourcePath? At(ResourceDefinition kind, string? ns, string[] more) => more switch
    {
        [] => new(kind, ns, null, ""),
        [var name] => new(kind, ns, name, ""),
        [var name, var sub] when kind.Subresources.Contains(sub) => new(kind, ns, name, sub),
        [var name, var sub, ..] when Unserved.IsSubresource(kind, sub) => new(kind, ns, name, sub),
        _ => null,
    };
}
