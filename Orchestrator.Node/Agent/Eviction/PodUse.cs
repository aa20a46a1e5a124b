using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>What something takes of a file system.</summary>
/// <param name="Bytes">Bytes.</param>
/// <param name="Inodes">Files and folders.</param>
/// <param name="IsComplete">Whether all was counted; otherwise it is at least so much.</param>
internal readonly record struct DiskUse(long Bytes, long Inodes, bool IsComplete = true)
{
    /// <summary>Adds two uses.</summary>
    public static DiskUse operator +(DiskUse a, DiskUse b) => new(a.Bytes + b.Bytes, a.Inodes + b.Inodes, a.IsComplete && b.IsComplete);

    /// <summary>Nothing.</summary>
    public static DiskUse None => new(0, 0);
}

/// <summary>What a container uses of its node.</summary>
/// <param name="Name">Name in the pod's spec.</param>
/// <param name="Memory">Its working set in bytes.</param>
/// <param name="Processes">Processes and threads.</param>
/// <param name="Layer">What it has written to its own file system.</param>
/// <param name="Logs">Its logs.</param>
internal sealed record ContainerUse(string Name, long Memory = 0, long Processes = 0, DiskUse Layer = default, DiskUse Logs = default);

/// <summary>What a pod uses of its node.</summary>
/// <param name="Containers">Containers that run.</param>
/// <param name="Volumes">Volumes that are on the node's disk and end with the pod, by name.</param>
internal sealed record PodUse(ImmutableArray<ContainerUse> Containers, ImmutableDictionary<string, DiskUse> Volumes)
{
    /// <summary>Of a pod of which nothing is known.</summary>
    public static readonly PodUse None = new([], ImmutableDictionary<string, DiskUse>.Empty);

    /// <summary>Memory of all containers in bytes.</summary>
    public long Memory => Containers.Sum(c => c.Memory);

    /// <summary>Processes of all containers.</summary>
    public long Processes => Containers.Sum(c => c.Processes);

    /// <summary>What all containers have written to their own file systems and logs.</summary>
    public DiskUse Written => Containers.Aggregate(DiskUse.None, (sum, c) => sum + c.Layer + c.Logs);

    /// <summary>What all volumes take.</summary>
    public DiskUse InVolumes => Volumes.Values.Aggregate(DiskUse.None, (sum, v) => sum + v);
}
