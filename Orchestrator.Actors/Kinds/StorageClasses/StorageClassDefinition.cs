using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.StorageClasses;

/// <summary>StorageClasses.</summary>
public static class StorageClassDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "storage.k8s.io",
        Kind = "StorageClass",
        Plural = "storageclasses",
        Namespaced = false,
        Model = typeof(V1StorageClass),
        Facts = StorageClassSchema.Facts,
        ShortNames = ["sc"],
        Columns =
        [
            new("Name", r => (string?)r.At("metadata.annotations")?["storageclass.kubernetes.io/is-default-class"] == "true" ? r.Object.Name + " (default)" : r.Object.Name),
            Column.Field("Provisioner", "provisioner"),
            Column.Field("ReclaimPolicy", "reclaimPolicy", "Delete"),
            Column.Field("VolumeBindingMode", "volumeBindingMode", "Immediate"),
            Column.Field("AllowVolumeExpansion", "allowVolumeExpansion", "false"),
            Column.Age,
        ],
        References = o => (string?)o["provisioner"] is { Length: > 0 } driver ? [CSIDriverDefinition.Instance.Key(null, driver)] : [],
        Strategy = new StorageClassStrategy(),
    };
}
