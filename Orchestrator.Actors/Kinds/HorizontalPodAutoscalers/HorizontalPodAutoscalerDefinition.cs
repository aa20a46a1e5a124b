using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>HorizontalPodAutoscalers.</summary>
public static class HorizontalPodAutoscalerDefinition
{
    private const string Unknown = "<unknown>";
    private const int MaxTargets = 2;

    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "autoscaling",
        Version = "v2",
        Kind = "HorizontalPodAutoscaler",
        Plural = "horizontalpodautoscalers",
        Model = typeof(V2HorizontalPodAutoscaler),
        Facts = HorizontalPodAutoscalerSchema.Facts,
        ShortNames = ["hpa"],
        Subresources = ["status"],
        Categories = ["all"],
        Columns =
        [
            Column.Name,
            new("Reference", r => $"{r.Text("spec.scaleTargetRef.kind")}/{r.Text("spec.scaleTargetRef.name")}"),
            new("Targets", r => Targets(r)),
            Column.Field("MinPods", "spec.minReplicas", "<unset>"),
            Column.Field("MaxPods", "spec.maxReplicas", "0"),
            Column.Field("Replicas", "status.currentReplicas", "0"),
            Column.Age,
        ],
        Strategy = new HorizontalPodAutoscalerStrategy(),
    };

    /// <summary>Version v1, which has a field for CPU utilization only; everything else is in annotations.</summary>
    public static readonly ResourceDefinition V1 = new()
    {
        Group = Instance.Group,
        Kind = Instance.Kind,
        Plural = Instance.Plural,
        Model = typeof(V1HorizontalPodAutoscaler),
        ShortNames = Instance.ShortNames,
        Subresources = Instance.Subresources,
        Categories = Instance.Categories,
        Columns =
        [
            Column.Name,
            new("Reference", r => $"{r.Text("spec.scaleTargetRef.kind")}/{r.Text("spec.scaleTargetRef.name")}"),
            new("Targets", r => $"cpu: {Share(r, "status.currentCPUUtilizationPercentage")}/{Share(r, "spec.targetCPUUtilizationPercentage")}"),
            Column.Field("MinPods", "spec.minReplicas", "<unset>"),
            Column.Field("MaxPods", "spec.maxReplicas", "0"),
            Column.Field("Replicas", "status.currentReplicas", "0"),
            Column.Age,
        ],
        View = new(Instance, AutoscalerConversion.ToV1, AutoscalerConversion.FromV1),
    };

    private static string Share(TableRow row, string path) => row.Text(path) is { } percent ? percent + "%" : Unknown;

    // Such as "cpu: 12%/50%", in the order of the spec. The status has the metrics at the same positions.
    private static string Targets(TableRow row)
    {
        if (row.At("spec.metrics") is not JsonArray { Count: > 0 } metrics)
        {
            return "<none>";
        }

        var current = row.At("status.currentMetrics") as JsonArray ?? [];
        var shown = metrics.Take(MaxTargets).Select((m, i) => Target(m, i < current.Count ? current[i] : null));
        return string.Join(", ", shown) + (metrics.Count > MaxTargets ? $" + {metrics.Count - MaxTargets} more..." : "");
    }

    private static string Target(JsonNode? metric, JsonNode? status)
    {
        var type = (string?)metric?["type"] is { Length: > 0 } said ? said : "Unknown";
        var field = char.ToLowerInvariant(type[0]) + type[1..];
        var (target, current) = (metric?[field]?["target"], (string?)status?["type"] == type ? status?[field]?["current"] : null);
        var name = type is "Resource" or "ContainerResource" ? $"{metric?[field]?["name"]}: " : "";
        return (target?["averageUtilization"], target?["averageValue"]) switch
        {
            ({ } share, null) => $"{name}{(current?["averageUtilization"] is { } used ? $"{used}%" : Unknown)}/{share}%",
            (_, { } average) => $"{name}{current?["averageValue"] ?? Unknown}/{average}{(type is "Object" or "External" ? " (avg)" : "")}",
            _ => $"{name}{current?["value"] ?? Unknown}/{target?["value"]}",
        };
    }
}
