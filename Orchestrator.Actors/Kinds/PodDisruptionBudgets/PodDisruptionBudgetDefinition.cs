using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PodDisruptionBudgets;

/// <summary>PodDisruptionBudgets.</summary>
public static class PodDisruptionBudgetDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "policy",
        Kind = "PodDisruptionBudget",
        Plural = "poddisruptionbudgets",
        Model = typeof(V1PodDisruptionBudget),
        Facts = PodDisruptionBudgetSchema.Facts,
        ShortNames = ["pdb"],
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            Column.Field("Min Available", "spec.minAvailable", "N/A"),
            Column.Field("Max Unavailable", "spec.maxUnavailable", "N/A"),
            Column.Field("Allowed Disruptions", "status.disruptionsAllowed", "0"),
            Column.Age,
        ],
        Strategy = new PodDisruptionBudgetStrategy(),
    };
}
