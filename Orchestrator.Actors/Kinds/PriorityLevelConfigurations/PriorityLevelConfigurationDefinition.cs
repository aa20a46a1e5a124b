using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PriorityLevelConfigurations;

/// <summary>PriorityLevelConfigurations.</summary>
public static class PriorityLevelConfigurationDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "flowcontrol.apiserver.k8s.io",
        Kind = "PriorityLevelConfiguration",
        Plural = "prioritylevelconfigurations",
        Namespaced = false,
        Model = typeof(V1PriorityLevelConfiguration),
        Facts = PriorityLevelConfigurationSchema.Facts,
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            Column.Field("Type", "spec.type"),
            Column.Field("NominalConcurrencyShares", "spec.limited.nominalConcurrencyShares"),
            Column.Age,
        ],
        Support = Support.Stored,
    };
}
