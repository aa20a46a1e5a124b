using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.RuntimeClasses;

/// <summary>What the model classes of RuntimeClasses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class RuntimeClassSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1RuntimeClass
          handler required
        """);
}
