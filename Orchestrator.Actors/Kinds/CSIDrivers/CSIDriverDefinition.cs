using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CSIDrivers;

/// <summary>CSIDrivers.</summary>
public static class CSIDriverDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "storage.k8s.io",
        Kind = "CSIDriver",
        Plural = "csidrivers",
        Namespaced = false,
        Model = typeof(V1CSIDriver),
        Facts = CSIDriverSchema.Facts,
        Columns =
        [
            Column.Name,
            Column.Field("AttachRequired", "spec.attachRequired", "true"),
            Column.Field("PodInfoOnMount", "spec.podInfoOnMount", "false"),
            Column.Field("StorageCapacity", "spec.storageCapacity", "false"),
            Column.List("TokenRequests", "spec.tokenRequests", "<unset>"),
            Column.Field("RequiresRepublish", "spec.requiresRepublish", "false"),
            Column.List("Modes", "spec.volumeLifecycleModes", "Persistent"),
            Column.Age,
        ],
        Annotations = [CsiAnnotations.Sidecars],
    };
}
