using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Namespaces;

/// <summary>What the model classes of Namespaces do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class NamespaceSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1NamespaceCondition
          status required
          type required
        V1NamespaceStatus
          conditions list=type merge=type
          phase enum=Active|Terminating
        """);
}
