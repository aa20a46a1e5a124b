using System.Collections.Immutable;

namespace Orchestrator.Node.Agent;

/// <summary>What runs pods on a host. Every call may be repeated: it makes true what it says and changes nothing that already is.
/// A runtime that does not answer throws <see cref="RuntimeUnavailableException"/>; the caller tries again.</summary>
internal interface IContainerRuntime : IAsyncDisposable
{
    /// <summary>Whether the pods' addresses can be reached; where not, network probes succeed.</summary>
    bool HasNetwork => true;

    /// <summary>Where it is, for messages.</summary>
    string Address { get; }

    /// <summary>Asks for nothing but an answer.</summary>
    Task PingAsync(CancellationToken cancellation);

    /// <summary>What the runtime offers; also the check that it answers.</summary>
    Task<RuntimeInfo> InfoAsync(CancellationToken cancellation);

    /// <summary>Every pod of this node that has a sandbox or a container left, dead ones too.</summary>
    Task<IReadOnlyList<PodSeen>> ListAsync(CancellationToken cancellation);

    /// <summary>One pod; null when nothing of it exists.</summary>
    Task<PodSeen?> FindAsync(string podUid, CancellationToken cancellation);

    /// <summary>Makes the image present as the policy wants.</summary>
    /// <param name="image">As in the container's spec.</param>
    /// <param name="policy"><c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether it was pulled (false: it was present).</returns>
    /// <exception cref="ImageUnavailableException">No registry gave it, or the policy forbids to ask one.</exception>
    Task<bool> EnsureImageAsync(string image, string policy, CancellationToken cancellation);

    /// <summary>The user that a present image runs as when its container does not say; empty for root.</summary>
    Task<string> ImageUserAsync(string image, CancellationToken cancellation);

    /// <summary>Makes the pod's sandbox: its network namespace, host name, ports and address.</summary>
    Task<PodSeen> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation);

    /// <summary>Starts one attempt of a container in its pod's sandbox. The dead attempt before the last one is removed
    /// (the last one stays for <c>kubectl logs --previous</c>). An attempt that exists already is left as it is.</summary>
    /// <exception cref="ContainerRefusedException">The runtime will not start it as specified (no such command, bad mount, …).</exception>
    Task StartContainerAsync(ContainerLaunch container, CancellationToken cancellation);

    /// <summary>Stops a container: its stop signal, then SIGKILL after the grace.</summary>
    Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation);

    /// <summary>Stops all containers of a pod side by side with the grace, then removes them and the sandbox.</summary>
    Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation);

    /// <summary>Runs a command in the current attempt of a container.</summary>
    /// <returns>Exit code and what it printed (at most 10 KiB); null code when the time was up.</returns>
    Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>The log of a container as <c>kubectl logs</c> asks for it; ends when the log does (with <see cref="LogOptions.Follow"/>: when the container does).</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, CancellationToken cancellation);

    /// <summary>Uids of pods in which a container started or ended, as it happens; breaks with <see cref="RuntimeUnavailableException"/>
    /// when the runtime goes away. The first item is the empty string: the subscription stands, so list after it.</summary>
    IAsyncEnumerable<string> ChangesAsync(CancellationToken cancellation);

    /// <summary>Images present, for node status.</summary>
    Task<IReadOnlyList<ImageSeen>> ImagesAsync(CancellationToken cancellation);
}

/// <summary>What a runtime says of itself and its host.</summary>
/// <param name="Name">Such as <c>docker</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="KernelVersion">Of the host.</param>
/// <param name="OsImage">Of the host, such as <c>Debian GNU/Linux 12 (bookworm)</c>.</param>
/// <param name="Cpus">Logical processors.</param>
/// <param name="MemoryBytes">Memory of the host.</param>
/// <param name="DiskBytes">Size of the file system that holds containers.</param>
internal sealed record RuntimeInfo(string Name, string Version, string KernelVersion, string OsImage, int Cpus, long MemoryBytes, long DiskBytes);

/// <summary>An image present on the host.</summary>
internal sealed record ImageSeen(ImmutableArray<string> Names, long SizeBytes);

/// <summary>A pod as the runtime has it.</summary>
/// <param name="Uid">Uid of the pod.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ip">Its address; null without a running sandbox.</param>
/// <param name="IsSandboxRunning">Whether its network namespace lives.</param>
/// <param name="Containers">The attempts that exist, dead and alive, in any order.</param>
internal sealed record PodSeen(string Uid, string Namespace, string Name, string? Ip, bool IsSandboxRunning, ImmutableArray<ContainerSeen> Containers)
{
    /// <summary>Whether it says the same as another look.</summary>
    public bool Says(PodSeen? other) => other is not null && this with { Containers = [] } == other with { Containers = [] } && Containers.SequenceEqual(other.Containers);
}

/// <summary>One attempt of a container as the runtime has it.</summary>
/// <param name="Name">Name in the pod's spec.</param>
/// <param name="Id">The runtime's id.</param>
/// <param name="Attempt">0 for the first start; the restart count.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Image">As the spec named it.</param>
/// <param name="ImageId">The runtime's id of it.</param>
/// <param name="StartedAt">Null before its start.</param>
/// <param name="FinishedAt">Null while it lives.</param>
/// <param name="ExitCode">0 while it lives.</param>
/// <param name="IsOomKilled">Whether the kernel ended it for its memory limit.</param>
/// <param name="TerminationMessage">What it wrote to its termination log, when it ended; at most 4 KiB.</param>
internal sealed record ContainerSeen(string Name, string Id, int Attempt, ContainerState State, string Image, string ImageId,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int ExitCode, bool IsOomKilled, string? TerminationMessage = null);

/// <summary>Life of a container.</summary>
internal enum ContainerState
{
    /// <summary>Made, not started.</summary>
    Created,

    /// <summary>Its process lives.</summary>
    Running,

    /// <summary>Its process ended.</summary>
    Exited,
}

/// <summary>A sandbox to make.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="Name">Name of the pod.</param>
/// <param name="Hostname">Host name inside.</param>
/// <param name="IsHostNetwork">Shares the host's network namespace.</param>
/// <param name="Ports">Ports published on the host.</param>
internal sealed record SandboxLaunch(string PodUid, string Namespace, string Name, string Hostname, bool IsHostNetwork, ImmutableArray<HostPort> Ports);

/// <summary>A port of the pod published on the host.</summary>
internal sealed record HostPort(string HostIp, int Port, int ContainerPort, string Protocol);

/// <summary>One attempt of a container to start; everything resolved, nothing left to look up.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="PodName">Name of the pod.</param>
/// <param name="Name">Name of the container.</param>
/// <param name="Attempt">0 for the first start.</param>
/// <param name="Image">Present already.</param>
/// <param name="Command">Entry point; empty for the image's.</param>
/// <param name="Args">Arguments; empty for the image's (when the command is too).</param>
/// <param name="Env">Resolved, in order.</param>
/// <param name="WorkingDir">Null for the image's.</param>
/// <param name="Mounts">From host folders.</param>
/// <param name="MilliCpuRequest">0 for none: CPU shares.</param>
/// <param name="MilliCpuLimit">0 for none: CPU quota.</param>
/// <param name="MemoryLimit">Bytes; 0 for none.</param>
/// <param name="RunAsUser">Null for the image's.</param>
/// <param name="RunAsGroup">Null for the image's.</param>
/// <param name="IsPrivileged">securityContext.privileged.</param>
/// <param name="IsReadOnlyRoot">securityContext.readOnlyRootFilesystem.</param>
/// <param name="AddCapabilities">securityContext.capabilities.add.</param>
/// <param name="DropCapabilities">securityContext.capabilities.drop.</param>
/// <param name="IsTty">Wants a terminal.</param>
/// <param name="IsStdin">Keeps stdin open.</param>
/// <param name="TerminationMessagePath">File inside whose content becomes the termination message.</param>
/// <param name="IsMessageFromLog">Whether an empty message of a failed container is taken from the log's end (FallbackToLogsOnError).</param>
/// <param name="ImageUser">The image's user, that a group alone goes with; empty for root; null when nobody asked.</param>
/// <param name="HasNoNewPrivileges">Nothing that it starts gains rights: securityContext.allowPrivilegeEscalation is false.</param>
/// <param name="IsSeccompUnconfined">Without the runtime's filter of system calls.</param>
/// <param name="IsAppArmorUnconfined">Without the runtime's AppArmor profile.</param>
internal sealed record ContainerLaunch(string PodUid, string Namespace, string PodName, string Name, int Attempt, string Image,
    ImmutableArray<string> Command, ImmutableArray<string> Args, ImmutableArray<KeyValuePair<string, string>> Env, string? WorkingDir,
    ImmutableArray<VolumeBind> Mounts, long MilliCpuRequest = 0, long MilliCpuLimit = 0, long MemoryLimit = 0,
    long? RunAsUser = null, long? RunAsGroup = null, bool IsPrivileged = false, bool IsReadOnlyRoot = false,
    ImmutableArray<string> AddCapabilities = default, ImmutableArray<string> DropCapabilities = default,
    bool IsTty = false, bool IsStdin = false, string TerminationMessagePath = "/dev/termination-log", bool IsMessageFromLog = false,
    string? ImageUser = null, bool HasNoNewPrivileges = false, bool IsSeccompUnconfined = false, bool IsAppArmorUnconfined = false);

/// <summary>A host folder or file seen inside a container.</summary>
/// <param name="HostPath">Absolute; present.</param>
/// <param name="MountPath">Absolute.</param>
/// <param name="IsReadOnly">Not to be written.</param>
/// <param name="Propagation">The kernel's word for whose later mounts the other side sees: <c>rprivate</c>, <c>rslave</c> or <c>rshared</c>.</param>
internal sealed record VolumeBind(string HostPath, string MountPath, bool IsReadOnly, string Propagation = "rprivate");

/// <summary>What of a log is wanted.</summary>
/// <param name="Follow">Goes on with what is written.</param>
/// <param name="IsPrevious">The attempt before the current one.</param>
/// <param name="TailLines">Null for all.</param>
/// <param name="Since">Null for from the start.</param>
/// <param name="HasTimestamps">RFC 3339 nano and a space before each line.</param>
/// <param name="LimitBytes">Null for no limit.</param>
internal sealed record LogOptions(bool Follow = false, bool IsPrevious = false, long? TailLines = null, DateTimeOffset? Since = null,
    bool HasTimestamps = false, long? LimitBytes = null);

/// <summary>The runtime does not answer; nothing is known of what it runs.</summary>
internal sealed class RuntimeUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An image cannot be had.</summary>
/// <param name="reason">Kubernetes' word: <c>ErrImagePull</c>, <c>ErrImageNeverPull</c> or <c>InvalidImageName</c>.</param>
/// <param name="message">What the registry or the runtime said.</param>
internal sealed class ImageUnavailableException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>The runtime will not make or start a container as specified.</summary>
/// <param name="reason">Kubernetes' word: <c>CreateContainerError</c> or <c>RunContainerError</c>.</param>
/// <param name="message">What the runtime said.</param>
internal sealed class ContainerRefusedException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}
