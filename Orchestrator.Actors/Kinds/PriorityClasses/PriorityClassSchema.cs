using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.PriorityClasses;

/// <summary>What the model classes of PriorityClasses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class PriorityClassSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1PriorityClass
          value required
        """);
}
