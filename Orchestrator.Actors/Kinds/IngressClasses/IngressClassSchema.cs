using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.IngressClasses;

/// <summary>What the model classes of IngressClasses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class IngressClassSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1IngressClassParametersReference
          kind required
          name required
        """);
}
