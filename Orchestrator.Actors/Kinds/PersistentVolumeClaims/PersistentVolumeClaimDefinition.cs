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
            Column.Field("Status", "status.phase"),
            Column.Field("Volume", "spec.volumeName"),
            Column.Field("Capacity", "status.capacity.storage"),
            AccessModes.Column("status.accessModes"),
            Column.Field("StorageClass", "spec.storageClassName"),
            Column.Field("VolumeAttributesClass", "spec.volumeAttributesClassName", "<unset>"),
            Column.Age,
            Column.Field("VolumeMode", "spec.volumeMode", "<unset>", true),
        ],
        Support = Support.Stored,
        Usage = (claim, _) => ClaimQuotaUsage.Of(claim),
        Strategy = new PersistentVolumeClaimStrategy(),
    };
}
