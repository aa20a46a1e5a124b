using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.PodMetrics;

/// <summary>PodMetrics: what pods use (Kubernetes, "Resource metrics pipeline"). They are made when they are read, and are named like their pods.</summary>
public static class PodMetricsDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = MetricsObject.Group,
        Version = MetricsObject.Version,
        Kind = "PodMetrics",
        Plural = "pods",
        Verbs = ["get", "list"],
        Model = typeof(k8s.Models.PodMetrics),
        Columns =
        [
            Column.Name,
            new("Cpu", r => MetricsObject.Sum(r.Node["containers"] as JsonArray ?? [], "cpu")),
            new("Memory", r => MetricsObject.Sum(r.Node["containers"] as JsonArray ?? [], "memory")),
            Column.Field("Window", "window", ""),
        ],
    };

    /// <summary>Creates the metrics of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="usage">What it uses.</param>
    /// <param name="now">The current time.</param>
    public static KubeObject Create(KubeObject pod, PodUsage usage, DateTimeOffset now)
    {
        var o = MetricsObject.Create(Instance, pod, usage.Total(), now);
        o["containers"] = new JsonArray([.. usage.Containers.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["usage"] = MetricsObject.Amounts(c.Usage) })]);
        return KubeObject.From(Instance, o);
    }
}
