using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CSIStorageCapacities;

/// <summary>CSIStorageCapacities.</summary>
public static class CSIStorageCapacityDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "storage.k8s.io",
        Kind = "CSIStorageCapacity",
        Plural = "csistoragecapacities",
        Model = typeof(V1CSIStorageCapacity),
        Facts = CSIStorageCapacitySchema.Facts,
        Columns = [Column.Name, Column.Field("StorageClassName", "storageClassName"), Column.Field("Capacity", "capacity")],
        References = CapacityReferences.Of,
    };
}
