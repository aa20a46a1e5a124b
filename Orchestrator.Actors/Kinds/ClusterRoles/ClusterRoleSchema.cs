using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ClusterRoles;

/// <summary>What the model classes of ClusterRoles do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ClusterRoleSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1PolicyRule
          verbs required
        """);
}
