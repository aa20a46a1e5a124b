using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.StaticPods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>A pod that may be evicted, and what it uses.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Use">What it uses.</param>
internal sealed record EvictionCandidate(PodManifest Pod, PodUse Use);

/// <summary>Which pod goes first when a node runs short of something. Pure.</summary>
/// <remarks>Rules: Kubernetes, "Node-pressure Eviction", pod selection for kubelet eviction. Unlike there, a pod of which nothing is known counts as one that uses nothing: to evict it would free nothing.</remarks>
internal static class EvictionOrder
{
    private const int SystemCritical = 2_000_000_000;

    /// <summary>Whether a pod may not be evicted: static pods and those of a system-critical priority.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="hasStatic">Whether the node has static pods. Where there are none, nobody watches who calls a pod one.</param>
    public static bool IsSpared(PodManifest pod, bool hasStatic) => pod.Spec.Priority >= SystemCritical || (hasStatic && StaticPodFiles.IsStatic(pod.Metadata.Annotations));

    /// <summary>Returns the pods in the order of their eviction.</summary>
    /// <param name="pods">Pods that are active.</param>
    /// <param name="signal">What runs short.</param>
    /// <param name="hasOwnImagefs">See <see cref="NodeSample"/>.</param>
    /// <param name="hasStatic">See <see cref="IsSpared"/>.</param>
    public static IReadOnlyList<EvictionCandidate> Of(IEnumerable<EvictionCandidate> pods, EvictionSignal signal, bool hasOwnImagefs, bool hasStatic)
    {
        var ranked = pods.Where(p => !IsSpared(p.Pod, hasStatic)).Select(p => (Candidate: p, Used: Used(p.Use, signal, hasOwnImagefs), Requested: Requested(p.Pod.Spec, signal)));
        return
        [
            .. (signal == EvictionSignal.PidAvailable ? ranked.OrderBy(p => p.Candidate.Pod.Spec.Priority ?? 0)
                : ranked.OrderByDescending(p => p.Used > p.Requested).ThenBy(p => p.Candidate.Pod.Spec.Priority ?? 0))
                .ThenByDescending(p => p.Used - p.Requested).ThenBy(p => p.Candidate.Pod.Metadata.Uid, StringComparer.Ordinal).Select(p => p.Candidate),
        ];
    }

    /// <summary>What a pod uses of that which a signal is about.</summary>
    public static long Used(PodUse use, EvictionSignal signal, bool hasOwnImagefs)
    {
        // The logs of the engine are with its images.
        var disk = hasOwnImagefs && signal is EvictionSignal.ImagefsAvailable or EvictionSignal.ImagefsInodesFree ? use.Written
            : hasOwnImagefs ? use.InVolumes : use.Written + use.InVolumes;
        return signal switch
        {
            EvictionSignal.MemoryAvailable => use.Memory,
            EvictionSignal.PidAvailable => use.Processes,
            EvictionSignal.NodefsAvailable or EvictionSignal.ImagefsAvailable => disk.Bytes,
            _ => disk.Inodes,
        };
    }

    /// <summary>What a pod requests of that which a signal is about; inodes and process ids cannot be requested.</summary>
    public static long Requested(V1PodSpec spec, EvictionSignal signal) =>
        signal.IsBytes() ? Whole(PodResources.Of(spec).Requests.GetValueOrDefault(signal.Resource())) : 0;

    /// <summary>What a container requests of that which a signal is about.</summary>
    public static long Requested(V1Container container, EvictionSignal signal) =>
        container.Resources?.Requests?.TryGetValue(signal.Resource(), out var quantity) == true && Quantity.Read(quantity.ToString()) is { } amount ? Whole(amount) : 0;

    private static long Whole(Quantity amount) => (long)(amount.Nanos / 1_000_000_000);
}
