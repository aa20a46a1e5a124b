using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ClusterRoles;

/// <summary>ClusterRoles.</summary>
public static class ClusterRoleDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "rbac.authorization.k8s.io",
        Kind = "ClusterRole",
        Plural = "clusterroles",
        Namespaced = false,
        Model = typeof(V1ClusterRole),
        Facts = ClusterRoleSchema.Facts,
        NameRule = Names.PathSegment,
        Columns = [Column.Name, Column.Field("Created At", "metadata.creationTimestamp")],
        Strategy = new RoleStrategy(isOfCluster: true),
    };
}
