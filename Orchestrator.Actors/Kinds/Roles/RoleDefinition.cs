using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Roles;

/// <summary>Roles.</summary>
public static class RoleDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "rbac.authorization.k8s.io",
        Kind = "Role",
        Plural = "roles",
        Model = typeof(V1Role),
        NameRule = Names.PathSegment,
        Columns = [Column.Name, Column.Field("Created At", "metadata.creationTimestamp")],
        Strategy = new RoleStrategy(isOfCluster: false),
    };
}
