using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.RoleBindings;

/// <summary>RoleBindings.</summary>
public static class RoleBindingDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "rbac.authorization.k8s.io",
        Kind = "RoleBinding",
        Plural = "rolebindings",
        Model = typeof(V1RoleBinding),
        Facts = RoleBindingSchema.Facts,
        NameRule = Names.PathSegment,
        Columns = [Column.Name, new("Role", r => $"{r.Text("roleRef.kind")}/{r.Text("roleRef.name")}"), Column.Age],
        Strategy = new BindingStrategy(isOfCluster: false),
    };
}
