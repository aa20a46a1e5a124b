namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>The page of a node in the path of a request: <c>/api/v1/nodes/NAME/proxy/stats/summary</c>.</summary>
internal static class NodePagePath
{
    private const int Segments = 5;

    /// <summary>Returns the path of the page, without a slash at its end.</summary>
    public static string Of(string route) => "/" + string.Join('/', route.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(Segments));

    /// <summary>The subresource of nodes that stands for a page in rules; null if only the whole proxy does.</summary>
    /// <remarks>Kubernetes, "Kubelet authentication/authorization", request attributes, and fine-grained kubelet authorization.</remarks>
    public static string? Subresource(string route) => Of(route) switch
    {
        "/pods" => "pods",
        "/configz" => "configz",
        "/healthz" or "/healthz/ping" or "/healthz/syncloop" => "healthz",
        "/metrics" => "metrics",
        var page when page.StartsWith("/metrics/", StringComparison.Ordinal) => "metrics",
        var page when page.StartsWith("/stats/", StringComparison.Ordinal) => "stats",
        _ => null,
    };
}
