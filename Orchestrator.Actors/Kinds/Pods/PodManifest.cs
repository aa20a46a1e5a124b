using Orchestrator.Actors.Api;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The part of a pod that an agent needs: metadata, spec, and whether it has ended. The spec is shared by all pods with an equal
/// spec, so do not modify it. It has no <c>nodeName</c>.</summary>
/// <param name="Metadata">The pod's metadata.</param>
/// <param name="Spec">The pod's spec.</param>
/// <param name="HasEnded">Whether its phase is Succeeded or Failed.</param>
public sealed record PodManifest(V1ObjectMeta Metadata, V1PodSpec Spec, bool HasEnded = false)
{
    /// <summary>Creates the manifest of a pod.</summary>
    public static PodManifest Of(KubeObject pod) => new(
        KubernetesJson.Deserialize<V1ObjectMeta>(new MemoryStream(pod.Json.Span[PodSpecs.Member(pod.Json.Span, "metadata"u8)].ToArray(), writable: false))!,
        PodSpecs.Of(pod), pod.Phase is "Succeeded" or "Failed");
}
