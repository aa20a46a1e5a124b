using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PriorityClasses;

/// <summary>PriorityClasses.</summary>
public static class PriorityClassDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "scheduling.k8s.io",
        Kind = "PriorityClass",
        Plural = "priorityclasses",
        Namespaced = false,
        Model = typeof(V1PriorityClass),
        ShortNames = ["pc"],
        Columns =
        [
            Column.Name,
            Column.Field("Value", "value", "0"),
            Column.Field("Global-Default", "globalDefault", "false"),
            Column.Age,
            Column.Field("PreemptionPolicy", "preemptionPolicy", "PreemptLowerPriority"),
        ],
        Strategy = new PriorityClassStrategy(),
    };
}
