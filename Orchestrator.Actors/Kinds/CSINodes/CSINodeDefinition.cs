using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CSINodes;

/// <summary>CSINodes.</summary>
public static class CSINodeDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "storage.k8s.io",
        Kind = "CSINode",
        Plural = "csinodes",
        Namespaced = false,
        Model = typeof(V1CSINode),
        Facts = CSINodeSchema.Facts,
        Columns = [Column.Name, Column.Count("Drivers", "spec.drivers"), Column.Age],
        KeptAnnotations = [CsiAnnotations.Controllers],
        References = CsiNodeReferences.Of,
    };
}
