using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>PersistentVolumes.</summary>
public static class PersistentVolumeDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "PersistentVolume",
        Plural = "persistentvolumes",
        Namespaced = false,
        Model = typeof(V1PersistentVolume),
        Facts = PersistentVolumeSchema.Facts,
        ShortNames = ["pv"],
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            Column.Field("Capacity", "spec.capacity.storage"),
            AccessModes.Column("spec.accessModes"),
            Column.Field("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
            VolumeColumns.Status,
            new("Claim", r => r.Text("spec.claimRef.name") is { } name ? $"{r.Text("spec.claimRef.namespace")}/{name}" : ""),
            Column.Field("StorageClass", "spec.storageClassName"),
            Column.Field("VolumeAttributesClass", "spec.volumeAttributesClassName", "<unset>"),
            Column.Field("Reason", "status.reason"),
            Column.Age,
            Column.Field("VolumeMode", "spec.volumeMode", "<unset>", true),
        ],
        References = VolumeReferences.Of,
        KeptAnnotations = [LocalVolumes.MadeAnnotation, CsiAnnotations.Maker],
        Strategy = new PersistentVolumeStrategy(),
    };
}
