using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.CSIDrivers;

/// <summary>The tokens of a pod's ServiceAccount that drivers of its volumes ask for (Kubernetes, CSIDriver, tokenRequests). Pure.</summary>
public static class CsiTokens
{
    private const long UsualSeconds = 3600;

    /// <summary>Audience and lifetime that a driver asks for.</summary>
    public static (string Audience, long Seconds) SourceOf(Storagev1TokenRequest request) => (request.Audience ?? "", request.ExpirationSeconds ?? UsualSeconds);

    /// <summary>What the drivers of a pod's volumes ask for. Only the cluster's own objects count, and not what somebody says.</summary>
    public static IEnumerable<(string Audience, long Seconds)> Of(KubeObject pod, V1PodSpec spec, IAdmissionView view) =>
        (spec.Volumes ?? []).Select(v => v.Csi?.Driver ?? DriverOf(pod, v, view)).OfType<string>().Distinct()
            .Select(name => CSIDriverDefinition.Instance.NameRule(name) is null ? view.Find(CSIDriverDefinition.Instance.Key(null, name)) : null).OfType<KubeObject>()
            .SelectMany(d => d.As<V1CSIDriver>().Spec.TokenRequests ?? []).Select(SourceOf);

    private static string? DriverOf(KubeObject pod, V1Volume volume, IAdmissionView view) =>
        PodClaims.NameOf(pod.Name, volume) is { } name && view.Find(PersistentVolumeClaimDefinition.Instance.Key(pod.Namespace, name))?.As<V1PersistentVolumeClaim>().Spec.VolumeName is { Length: > 0 } volumeName
            ? view.Find(PersistentVolumeDefinition.Instance.Key(null, volumeName))?.As<V1PersistentVolume>().Spec.Csi?.Driver : null;
}
