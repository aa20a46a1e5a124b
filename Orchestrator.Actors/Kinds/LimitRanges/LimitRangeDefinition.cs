using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>LimitRanges.</summary>
public static class LimitRangeDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "LimitRange",
        Plural = "limitranges",
        Model = typeof(V1LimitRange),
        Facts = LimitRangeSchema.Facts,
        ShortNames = ["limits"],
        Columns = [Column.Name, Column.Field("Created At", "metadata.creationTimestamp")],
        Strategy = new LimitRangeStrategy(),
    };
}
