using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ClusterRoleBindings;

/// <summary>ClusterRoleBindings.</summary>
public static class ClusterRoleBindingDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "rbac.authorization.k8s.io",
        Kind = "ClusterRoleBinding",
        Plural = "clusterrolebindings",
        Namespaced = false,
        Model = typeof(V1ClusterRoleBinding),
        Facts = ClusterRoleBindingSchema.Facts,
        NameRule = Names.PathSegment,
        Columns = [Column.Name, new("Role", r => $"{r.Text("roleRef.kind")}/{r.Text("roleRef.name")}"), Column.Age],
        Strategy = new BindingStrategy(isOfCluster: true),
    };
}
