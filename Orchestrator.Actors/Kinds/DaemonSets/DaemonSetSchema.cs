using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>What the model classes of DaemonSets do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class DaemonSetSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1DaemonSetSpec
          selector required
          template required
        V1DaemonSetStatus
          conditions list=type merge=type
          currentNumberScheduled required
          desiredNumberScheduled required
          numberMisscheduled required
          numberReady required
        V1DaemonSetUpdateStrategy
          type enum=OnDelete|RollingUpdate
        """);
}
