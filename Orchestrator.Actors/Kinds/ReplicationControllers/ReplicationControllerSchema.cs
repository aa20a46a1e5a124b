using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ReplicationControllers;

/// <summary>What the model classes of ReplicationControllers do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ReplicationControllerSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ReplicationControllerCondition
          status required
          type required
        V1ReplicationControllerStatus
          conditions list=type merge=type
          replicas required
        """);
}
