using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.PriorityLevelConfigurations;

/// <summary>What the model classes of PriorityLevelConfigurations do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class PriorityLevelConfigurationSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1LimitResponse
          type required
        V1PriorityLevelConfigurationSpec
          type required
        V1PriorityLevelConfigurationStatus
          conditions list=type merge=type
        """);
}
