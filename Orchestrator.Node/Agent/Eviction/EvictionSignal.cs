namespace Orchestrator.Node.Agent.Eviction;

/// <summary>What of a node may run short (Kubernetes, "Node-pressure Eviction", eviction signals).</summary>
internal enum EvictionSignal
{
    /// <summary>Memory without what the kernel gives back by itself, in bytes.</summary>
    MemoryAvailable,

    /// <summary>Room on the file system with volumes of pods, in bytes.</summary>
    NodefsAvailable,

    /// <summary>Inodes of that file system.</summary>
    NodefsInodesFree,

    /// <summary>Room on the file system with images and what containers write, in bytes.</summary>
    ImagefsAvailable,

    /// <summary>Inodes of that file system.</summary>
    ImagefsInodesFree,

    /// <summary>Process ids.</summary>
    PidAvailable,
}

/// <summary>A condition of a node that says that something of it runs short.</summary>
internal enum NodePressure
{
    /// <summary>Memory.</summary>
    Memory,

    /// <summary>Room or inodes of a file system.</summary>
    Disk,

    /// <summary>Process ids.</summary>
    Pid,
}

/// <summary>Words of Kubernetes for signals and conditions.</summary>
internal static class EvictionWords
{
    /// <summary>All signals, in the order in which they are acted on: memory first.</summary>
    public static IReadOnlyList<EvictionSignal> Signals { get; } = Enum.GetValues<EvictionSignal>();

    /// <summary>Name of a signal in settings and messages.</summary>
    public static string Name(this EvictionSignal signal) => signal switch
    {
        EvictionSignal.MemoryAvailable => "memory.available",
        EvictionSignal.NodefsAvailable => "nodefs.available",
        EvictionSignal.NodefsInodesFree => "nodefs.inodesFree",
        EvictionSignal.ImagefsAvailable => "imagefs.available",
        EvictionSignal.ImagefsInodesFree => "imagefs.inodesFree",
        _ => "pid.available",
    };

    /// <summary>The resource that a signal is about, as messages of the kubelet name it.</summary>
    public static string Resource(this EvictionSignal signal) => signal switch
    {
        EvictionSignal.MemoryAvailable => "memory",
        EvictionSignal.NodefsAvailable or EvictionSignal.ImagefsAvailable => "ephemeral-storage",
        EvictionSignal.PidAvailable => "pids",
        _ => "inodes",
    };

    /// <summary>The condition that a signal sets.</summary>
    public static NodePressure Pressure(this EvictionSignal signal) => signal switch
    {
        EvictionSignal.MemoryAvailable => NodePressure.Memory,
        EvictionSignal.PidAvailable => NodePressure.Pid,
        _ => NodePressure.Disk,
    };

    /// <summary>Whether a signal counts bytes.</summary>
    public static bool IsBytes(this EvictionSignal signal) => signal is EvictionSignal.MemoryAvailable or EvictionSignal.NodefsAvailable or EvictionSignal.ImagefsAvailable;

    /// <summary>Type of the condition.</summary>
    public static string Type(this NodePressure pressure) => pressure switch
    {
        NodePressure.Memory => "MemoryPressure",
        NodePressure.Disk => "DiskPressure",
        _ => "PIDPressure",
    };

    /// <summary>Reason and message of the condition, and the reason of the Event of its change, as the kubelet has them.</summary>
    public static (string Reason, string Message, string Event) Explain(this NodePressure pressure, bool isShort) => (pressure, isShort) switch
    {
        (NodePressure.Memory, true) => ("KubeletHasInsufficientMemory", "kubelet has insufficient memory available", "NodeHasInsufficientMemory"),
        (NodePressure.Memory, false) => ("KubeletHasSufficientMemory", "kubelet has sufficient memory available", "NodeHasSufficientMemory"),
        (NodePressure.Disk, true) => ("KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"),
        (NodePressure.Disk, false) => ("KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"),
        (_, true) => ("KubeletHasInsufficientPID", "kubelet has insufficient PID available", "NodeHasInsufficientPID"),
        _ => ("KubeletHasSufficientPID", "kubelet has sufficient PID available", "NodeHasSufficientPID"),
    };
}
