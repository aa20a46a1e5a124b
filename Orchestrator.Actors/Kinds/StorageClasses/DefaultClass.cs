using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.StorageClasses;

/// <summary>The class of claims that name none (Kubernetes, "Storage Classes", default StorageClass).</summary>
public static class DefaultClass
{
    /// <summary>Returns its name, of several that of the newest; null if there is none.</summary>
    public static string? NameIn(IAdmissionView view) => view.All(StorageClassDefinition.Instance).Where(IsDefault)
        .OrderByDescending(c => c.As<V1StorageClass>().Metadata.CreationTimestamp).ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault()?.Name;

    private static bool IsDefault(KubeObject item) => !item.IsDeleting && item.As<V1StorageClass>().Metadata.Annotations is { } all
        && ((all.TryGetValue(VolumeAnnotations.IsDefaultClass, out var value) && value == "true") || (all.TryGetValue("storageclass.beta.kubernetes.io/is-default-class", out value) && value == "true"));
}
