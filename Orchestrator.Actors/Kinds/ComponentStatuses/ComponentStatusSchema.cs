using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ComponentStatuses;

/// <summary>What the model classes of ComponentStatuses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ComponentStatusSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ComponentCondition
          status required
          type required
        V1ComponentStatus
          conditions list=type merge=type
        """);
}
