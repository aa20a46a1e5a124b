namespace Orchestrator.Node.ApiServer.CustomMetrics;

/// <summary>A path of the custom or the external metrics API. Neither has objects, so their paths are none of a resource.</summary>
/// <param name="IsExternal">Whether it is of <c>external.metrics.k8s.io</c>.</param>
/// <param name="Namespace">Empty for cluster-scoped objects, and for discovery.</param>
/// <param name="Resource">Resource of the objects, such as <c>pods</c> or <c>deployments.apps</c>; empty for an external metric.</param>
/// <param name="Name">Name of the object, or <c>*</c>; empty for an external metric.</param>
/// <param name="Metric">Name of the metric; null for the collection to which values are pushed; empty for discovery.</param>
internal sealed record MetricsPath(bool IsExternal, string Namespace, string Resource, string Name, string? Metric)
{
    /// <summary>The group of metrics of objects.</summary>
    public const string CustomGroup = "custom.metrics.k8s.io";

    /// <summary>Its version.</summary>
    public const string CustomVersion = "v1beta2";

    /// <summary>The group of metrics from outside of the cluster.</summary>
    public const string ExternalGroup = "external.metrics.k8s.io";

    /// <summary>Its version.</summary>
    public const string ExternalVersion = "v1beta1";

    /// <summary>Reads a path; null if it is none of these.</summary>
    public static MetricsPath? Parse(string route) => route.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["apis", CustomGroup, CustomVersion, .. var rest] => rest switch
        {
            [] => new(false, "", "", "", ""),
            ["namespaces", var ns] => new(false, ns, "", "", null),
            ["namespaces", var name, "metrics", var metric] => new(false, "", "namespaces", name, metric),
            ["namespaces", var ns, var resource, var name, var metric] => new(false, ns, resource, name, metric),
            [var resource, var name, var metric] => new(false, "", resource, name, metric),
            _ => null,
        },
        ["apis", ExternalGroup, ExternalVersion, .. var rest] => rest switch
        {
            [] => new(true, "", "", "", ""),
            ["namespaces", var ns] => new(true, ns, "", "", null),
            ["namespaces", var ns, var metric] => new(true, ns, "", "", metric),
            _ => null,
        },
        _ => null,
    };
}
