using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>HorizontalPodAutoscalers.</summary>
public static class HorizontalPodAutoscalerDefinition
{
    private const string Unknown = "<unknown>";

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
        Support = Support.Stored,
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

    // Such as "cpu: 12%/50%", in the order of the spec.
    private static string Targets(TableRow row) => row.At("spec.metrics") is JsonArray { Count: > 0 } metrics ? string.Join(", ", metrics.Select(m => Target(row, m))) : "<none>";

    private static string Target(TableRow row, JsonNode? metric)
    {
        var type = (string?)metric?["type"] ?? "";
        var source = metric?[type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..]];
        var target = source?["target"];
        var wanted = target?["averageUtilization"] is { } share ? $"{share}%" : target?["averageValue"] is { } average ? $"{average} (avg)" : $"{target?["value"]}";
        var current = (row.At("status.currentMetrics") as JsonArray ?? []).Select(c => c?[char.ToLowerInvariant(type[0]) + type[1..]])
            .FirstOrDefault(c => (string?)c?["name"] == (string?)source?["name"] && (string?)c?["metric"]?["name"] == (string?)source?["metric"]?["name"])?["current"];
        var now = current?["averageUtilization"] is { } used ? $"{used}%" : $"{current?["averageValue"] ?? current?["value"] ?? Unknown}";
        return type == "Resource" ? $"{(string?)source?["name"]}: {now}/{wanted}" : $"{now}/{wanted}";
    }
}
