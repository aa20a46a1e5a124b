using System.Collections.Immutable;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>What a node and its pods use. An agent sends it to every control host at intervals; it is never journaled, and one that is lost is made up for by the next.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Host">What everything on the node's host uses; null before there are two samples.</param>
/// <param name="Pods">The pods of the node with containers that are measured; all others have no metrics.</param>
public sealed record NodeUsage(string Node, ResourceUsage? Host, ImmutableArray<PodUsage> Pods) : IWireMessage;

/// <summary>What the containers of a pod use.</summary>
/// <param name="Uid">Uid of the pod.</param>
/// <param name="Containers">The containers that are measured, in the order of their names.</param>
public sealed record PodUsage(string Uid, ImmutableArray<ContainerUsage> Containers)
{
    /// <summary>What all its containers use together. Time and window are those of the container that was measured first.</summary>
    public ResourceUsage Total() => Containers.Select(c => c.Usage).Aggregate((a, b) =>
        (a.At <= b.At ? a : b) with { CpuNanocores = a.CpuNanocores + b.CpuNanocores, MemoryBytes = a.MemoryBytes + b.MemoryBytes });
}

/// <summary>What a container uses.</summary>
/// <param name="Name">Name of the container in the pod's spec.</param>
/// <param name="Usage">What it uses.</param>
public sealed record ContainerUsage(string Name, ResourceUsage Usage);

/// <summary>A usage of CPU and memory (Kubernetes, "Resource metrics pipeline").</summary>
/// <param name="At">End of the window in which CPU was measured, and the time at which memory was.</param>
/// <param name="Window">Length of that window.</param>
/// <param name="CpuNanocores">Average CPU use in the window, in billionths of a core.</param>
/// <param name="MemoryBytes">Working set in bytes.</param>
public sealed record ResourceUsage(DateTimeOffset At, TimeSpan Window, long CpuNanocores, long MemoryBytes);
