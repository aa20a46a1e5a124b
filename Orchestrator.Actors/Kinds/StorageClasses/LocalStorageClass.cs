using System.Text.Json.Nodes;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.StorageClasses;

/// <summary>The class that every cluster is given once.</summary>
public static class LocalStorageClass
{
    /// <summary>Its name.</summary>
    public const string Name = "local";

    /// <summary>Creates the object.</summary>
    /// <param name="isDefault">Whether claims without a class get it.</param>
    public static JsonObject Create(bool isDefault)
    {
        var o = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Name },
            ["provisioner"] = LocalVolumes.Provisioner,
            ["reclaimPolicy"] = "Delete",
            ["volumeBindingMode"] = "WaitForFirstConsumer",
            ["allowVolumeExpansion"] = true,
        };
        if (isDefault)
        {
            o["metadata"]!["annotations"] = new JsonObject { [VolumeAnnotations.IsDefaultClass] = "true" };
        }

        return o;
    }
}
