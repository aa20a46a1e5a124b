using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent;

/// <summary>An ability of a container runtime: it says what its containers and their host use, like the CRI's <c>ListContainerStats</c>. A node whose runtime
/// does not have it has no resource metrics.</summary>
internal interface IContainerStats
{
    /// <summary>Reads the counters of the host and of every container of the given pods that runs. One pass over all: nothing is kept open between two calls.</summary>
    /// <param name="pods">The pods of the node, as their agent knows them.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Containers that ended meanwhile are left out.</returns>
    /// <exception cref="RuntimeUnavailableException">The runtime does not answer.</exception>
    Task<RuntimeStats> StatsAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation);
}

/// <summary>The counters of a host and of its containers.</summary>
/// <param name="Host">What everything on the host uses.</param>
/// <param name="Containers">Of running containers, without sandboxes, in no particular order.</param>
internal sealed record RuntimeStats(ResourceCounters Host, ImmutableArray<ContainerStats> Containers);

/// <summary>The counters of one attempt of a container: the CRI's <c>ContainerStats</c>.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Name">Name of the container in the pod's spec.</param>
/// <param name="Id">The runtime's id. The counters of another id begin at zero.</param>
/// <param name="Counters">The counters.</param>
internal sealed record ContainerStats(string PodUid, string Name, string Id, ResourceCounters Counters)
{
    /// <summary>Processes and threads; 0 if that is not known.</summary>
    public long Processes { get; init; }

    /// <summary>More about its memory; all 0 if that is not known.</summary>
    public MemoryDetail Memory { get; init; }
}

/// <summary>More about memory than the working set.</summary>
/// <param name="UsageBytes">All memory, with all file pages.</param>
/// <param name="RssBytes">Anonymous memory.</param>
/// <param name="PageFaults">Page faults so far.</param>
/// <param name="MajorPageFaults">Those that read from a disk.</param>
internal readonly record struct MemoryDetail(long UsageBytes, long RssBytes, long PageFaults, long MajorPageFaults)
{
    /// <summary>Adds two.</summary>
    public static MemoryDetail operator +(MemoryDetail a, MemoryDetail b) =>
        new(a.UsageBytes + b.UsageBytes, a.RssBytes + b.RssBytes, a.PageFaults + b.PageFaults, a.MajorPageFaults + b.MajorPageFaults);
}

/// <summary>What was used until a time. A usage of CPU is a rate of two of them.</summary>
/// <param name="At">When they were read.</param>
/// <param name="StartedAt">When the CPU time was zero.</param>
/// <param name="CpuNanoseconds">CPU time used since the start, in nanoseconds of one core.</param>
/// <param name="WorkingSetBytes">Memory in use without inactive file pages, which the kernel takes back when memory is short. A container whose working set reaches
/// its limit is killed.</param>
internal readonly record struct ResourceCounters(DateTimeOffset At, DateTimeOffset StartedAt, long CpuNanoseconds, long WorkingSetBytes);
