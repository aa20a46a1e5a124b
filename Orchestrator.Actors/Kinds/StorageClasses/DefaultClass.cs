using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.StorageClasses;

/// <summary>The class of claims that name none (Kubernetes, "Storage Classes", default StorageClass).</summary>
public static class DefaultClass
{
    /// <summary>Returns its name, of several that of the newest; null if there is none.</summary>
    public static string? NameIn(IAdmissionView view) =>
        DefaultClasses.NewestOf<V1StorageClass>(view, StorageClassDefinition.Instance, VolumeAnnotations.IsDefaultClass, "storageclass.beta.kubernetes.io/is-default-class");
}
