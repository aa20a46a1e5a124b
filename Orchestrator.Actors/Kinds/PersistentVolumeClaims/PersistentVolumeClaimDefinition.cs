using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>PersistentVolumeClaims.</summary>
public static class PersistentVolumeClaimDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "PersistentVolumeClaim",
        Plural = "persistentvolumeclaims",
        Model = typeof(V1PersistentVolumeClaim),
        Facts = PersistentVolumeClaimSchema.Facts,
        ShortNames = ["pvc"],
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            VolumeColumns.Status,
            Column.Field("Volume", "spec.volumeName"),
            VolumeColumns.IfBound(Column.Field("Capacity", "status.capacity.storage")),
            VolumeColumns.IfBound(AccessModes.Column("status.accessModes")),
            Column.Field("StorageClass", "spec.storageClassName"),
            Column.Field("VolumeAttributesClass", "spec.volumeAttributesClassName", "<unset>"),
            Column.Age,
            Column.Field("VolumeMode", "spec.volumeMode", "<unset>", true),
        ],
        References = ClaimReferences.Of,
        Usage = (claim, _) => ClaimQuotaUsage.Of(claim),
        Strategy = new PersistentVolumeClaimStrategy(),
    };
}
