using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ControllerRevisions;

/// <summary>What the model classes of ControllerRevisions do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ControllerRevisionSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ControllerRevision
          data required
        """);
}
