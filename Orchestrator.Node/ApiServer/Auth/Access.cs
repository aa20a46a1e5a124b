using Orchestrator.Actors.Authorization;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>What a request wants to do, in the words of rules.</summary>
internal static class Access
{
    /// <summary>Reads it from a request.</summary>
    public static AccessRequest Of(RequestInfo request) => request.Resource is { } path
        ? new AccessRequest(request.Verb, path.Served.Group, path.Served.Plural, path.Subresource, SpaceOf(path), path.Name ?? "")
        : OfRoute(request.Verb, request.Route);

    // A namespace is in itself, so that a role of a namespace can show it.
    private static string SpaceOf(ResourcePath path) => path.Namespace ?? (path is { Served: { Group: "", Plural: "namespaces" }, Name: { } own } ? own : "");

    // Whatever is below a version belongs to a resource, also where no kind answers: history and pushed metrics are no paths that a rule about paths covers.
    private static AccessRequest OfRoute(string verb, string route)
    {
        var (group, rest) = route.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["api", _, .. { Length: > 0 } r] => ("", r),
            ["apis", var g, _, .. { Length: > 0 } r] => (g, r),
            _ => ("", null),
        };
        var (space, parts) = rest is ["namespaces", var ns, .. { Length: > 0 } inside] ? (ns, inside) : ("", rest);
        return parts is null ? AccessRequest.OfPath(verb, route)
            : new AccessRequest(verb is "post" ? "create" : verb is "put" ? "update" : verb, group, parts[0], parts.ElementAtOrDefault(2) ?? "", space, parts.ElementAtOrDefault(1) ?? "");
    }
}
