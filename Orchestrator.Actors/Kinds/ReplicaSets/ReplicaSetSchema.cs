using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>What the model classes of ReplicaSets do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ReplicaSetSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ReplicaSetSpec
          selector required
        V1ReplicaSetStatus
          conditions list=type merge=type
          replicas required
        """);
}
