using Orchestrator.Actors.Api;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.NodeMetrics;

/// <summary>NodeMetrics: what nodes use (Kubernetes, "Resource metrics pipeline"). They are made when they are read, and are named like their nodes.</summary>
public static class NodeMetricsDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = MetricsObject.Group,
        Version = MetricsObject.Version,
        Kind = "NodeMetrics",
        Plural = "nodes",
        Namespaced = false,
        Verbs = ["get", "list"],
        Model = typeof(k8s.Models.NodeMetrics),
        Columns =
        [
            Column.Name,
            new("Cpu", r => MetricsObject.Sum([r.Node.DeepClone()], "cpu")),
            new("Memory", r => MetricsObject.Sum([r.Node.DeepClone()], "memory")),
            Column.Field("Window", "window", ""),
        ],
    };

    /// <summary>Creates the metrics of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="usage">What it uses.</param>
    /// <param name="now">The current time.</param>
    public static KubeObject Create(KubeObject node, ResourceUsage usage, DateTimeOffset now)
    {
        var o = MetricsObject.Create(Instance, node, usage, now);
        o["usage"] = MetricsObject.Amounts(usage);
        return KubeObject.From(Instance, o);
    }
}
