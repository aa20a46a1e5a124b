using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ClusterRoleBindings;

/// <summary>What the model classes of ClusterRoleBindings do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ClusterRoleBindingSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Rbacv1Subject
          kind required
          name required
        V1ClusterRoleBinding
          roleRef required
        V1RoleRef
          kind required
          name required
        """);
}
