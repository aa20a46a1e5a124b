using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Bindings;

/// <summary>What the model classes of Bindings do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class BindingSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1Binding
          target required
        """);
}
