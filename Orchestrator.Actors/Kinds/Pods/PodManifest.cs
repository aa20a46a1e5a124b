using Orchestrator.Actors.Api;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>What an agent runs: the metadata and the spec of a pod, and of its status only whether it ended. The spec is shared by all pods with an equal
/// one, so it must not be changed, and it lacks <c>nodeName</c>.</summary>
/// <param name="Metadata">The pod's metadata.</param>
/// <param name="Spec">The pod's spec.</param>
/// <param name="HasEnded">Whether its phase is Succeeded or Failed.</param>
public sealed record PodManifest(V1ObjectMeta Metadata, V1PodSpec Spec, bool HasEnded = false)
{
    /// <summary>Reads a pod.</summary>
    public static PodManifest Of(KubeObject pod) => new(
        KubernetesJson.Deserialize<V1ObjectMeta>(new MemoryStream(pod.Json.Span[PodSpecs.Member(pod.Json.Span, "metadata"u8)].ToArray(), writable: false))!,
        PodSpecs.Of(pod), pod.Phase is "Succeeded" or "Failed");
}
