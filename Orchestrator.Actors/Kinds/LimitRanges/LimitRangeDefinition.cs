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
        Support = Support.Refused("limits of a namespace are not enforced yet, and ones that are kept without effect would promise a bound that there is not"),
    };
}
