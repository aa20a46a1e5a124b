using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>What the model classes of StatefulSets do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class StatefulSetSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1StatefulSetSpec
          podManagementPolicy enum=OrderedReady|Parallel
          selector required
          template required
        V1StatefulSetStatus
          conditions list=type merge=type
          replicas required
        V1StatefulSetUpdateStrategy
          type enum=OnDelete|Recreate|RollingUpdate
        """);
}
