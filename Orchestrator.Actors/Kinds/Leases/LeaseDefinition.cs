using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Leases;

/// <summary>Leases.</summary>
public static class LeaseDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "coordination.k8s.io",
        Kind = "Lease",
        Plural = "leases",
        Model = typeof(V1Lease),
        Facts = LeaseSchema.Facts,
        Columns = [Column.Name, Column.Field("Holder", "spec.holderIdentity"), Column.Age],
    };
}
