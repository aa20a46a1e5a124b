using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.PodDisruptionBudgets;

/// <summary>What the model classes of PodDisruptionBudgets do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class PodDisruptionBudgetSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1PodDisruptionBudgetSpec
          unhealthyPodEvictionPolicy enum=AlwaysAllow|IfHealthyBudget
        V1PodDisruptionBudgetStatus
          conditions list=type merge=type
        """);
}
