using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.CustomMetrics;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>What a request wants to do, in the words of rules.</summary>
internal static class Access
{
    /// <summary>The resource of pushed metrics, in both groups of metrics.</summary>
    public const string Pushed = "metrics";

    /// <summary>Reads it from a request.</summary>
    public static AccessRequest Of(RequestInfo request) => request.Resource is { } path
        ? new AccessRequest(OnObjects(request.Verb, path.Name), path.Served.Group, path.Served.Plural, path.Subresource, SpaceOf(path), path.Name ?? request.SelectedName)
        : OfRoute(request.Verb, request.Route);

    /// <summary>A narrower right that is enough for a request: to read one kind of pages of nodes instead of all (nodes/stats, nodes/metrics, …). Null if there is none.</summary>
    public static AccessRequest? Narrower(RequestInfo request) =>
        request is { Verb: "get" or "head", Resource: { Subresource: "proxy", Name: { } name } path } && path.Kind == NodeDefinition.Instance && NodePagePath.Subresource(request.Route) is { } page
            ? new AccessRequest("get", path.Served.Group, path.Served.Plural, page, "", name) : null;

    /// <summary>A push of metrics.</summary>
    /// <param name="path">Where it is sent.</param>
    /// <param name="space">Namespace of the objects that are measured; empty for objects without one.</param>
    public static AccessRequest Push(MetricsPath path, string space) =>
        new("create", path.IsExternal ? MetricsPath.ExternalGroup : MetricsPath.CustomGroup, Pushed, "", space, "");

    // A namespace is in itself, so that a role of a namespace can show it.
    private static string SpaceOf(ResourcePath path) => path.Namespace ?? (path is { Served: { Group: "", Plural: "namespaces" }, Name: { } own } ? own : "");

    // HEAD is a GET whose body is not sent.
    private static string OnObjects(string verb, string? name) => verb switch
    {
        "head" => name is null ? "list" : "get",
        "post" => "create",
        "put" => "update",
        _ => verb,
    };

    private static AccessRequest OfRoute(string verb, string route)
    {
        if (HistoryPath.Parse(route) is { } history)
        {
            return new AccessRequest(OnObjects(verb, history.Name), HistoryPath.ApiGroup, history.Plural, "", history.Namespace, history.Name);
        }

        return verb == "post" && MetricsPath.Parse(route) is { Metric: null } push ? Push(push, push.Namespace) : OfUnknown(verb, route);
    }

    // Whatever is below a version belongs to a resource, also where no kind answers: no rule about paths covers it.
    private static AccessRequest OfUnknown(string verb, string route)
    {
        var (group, rest) = route.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["api", _, .. { Length: > 0 } r] => ("", r),
            ["apis", var g, _, .. { Length: > 0 } r] => (g, r),
            _ => ("", null),
        };
        var (space, parts) = rest is ["namespaces", var ns, .. { Length: > 0 } inside] ? (ns, inside) : ("", rest);
        return parts is null ? AccessRequest.OfPath(verb, route)
            : new AccessRequest(OnObjects(verb, parts.ElementAtOrDefault(1)), group, parts[0], parts.ElementAtOrDefault(2) ?? "", space, parts.ElementAtOrDefault(1) ?? "");
    }
}
