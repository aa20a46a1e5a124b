using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.RoleBindings;

/// <summary>What the model classes of RoleBindings do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class RoleBindingSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1RoleBinding
          roleRef required
        """);
}
