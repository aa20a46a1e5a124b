using System.Collections.Immutable;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent;

/// <summary>Runs the pods of a host, like the CRI's RuntimeService and ImageService. Every call is idempotent.
/// A runtime that does not answer throws <see cref="RuntimeUnavailableException"/>; the caller retries.</summary>
internal interface IContainerRuntime : IAsyncDisposable
{
    /// <summary>Whether pod IPs are reachable. If they are not, network probes always succeed.</summary>
    bool HasNetwork => true;

    /// <summary>Whether containers outlive the process of the agent. If they do, one that was reported and is not there was removed by somebody else.</summary>
    bool KeepsContainers => true;

    /// <summary>Endpoint of the runtime, for messages.</summary>
    string Address { get; }

    /// <summary>Checks that the runtime answers.</summary>
    Task PingAsync(CancellationToken cancellation);

    /// <summary>Version and capacity of the runtime and its host.</summary>
    Task<RuntimeInfo> InfoAsync(CancellationToken cancellation);

    /// <summary>Every pod of this node that has a sandbox or a container, running or not.</summary>
    Task<IReadOnlyList<RuntimePodStatus>> ListAsync(CancellationToken cancellation);

    /// <summary>One pod; null if it has neither a sandbox nor a container.</summary>
    Task<RuntimePodStatus?> FindAsync(string podUid, CancellationToken cancellation);

    /// <summary>Pulls the image if the pull policy requires it.</summary>
    /// <param name="image">Image as in the container's spec.</param>
    /// <param name="policy"><c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>.</param>
    /// <param name="logins">Logins of the image's registry, to be tried in turn; without any it is pulled as by anybody.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>True if it was pulled; false if it was present.</returns>
    /// <exception cref="ImageUnavailableException">It cannot be pulled, or the policy is <c>Never</c> and it is not present.</exception>
    Task<bool> EnsureImageAsync(string image, string policy, ImmutableArray<RegistryLogin> logins, CancellationToken cancellation);

    /// <summary>The default user of an image that is present; empty for root.</summary>
    Task<string> ImageUserAsync(string image, CancellationToken cancellation);

    /// <summary>Creates the pod's sandbox: its network namespace, host name, ports and IP. One that was stopped or has ended is replaced.</summary>
    /// <returns>The pod after that. The container that <see cref="SandboxLaunch.First"/> gave is among its containers if it was made meanwhile.</returns>
    Task<RuntimePodStatus> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation);

    /// <summary>Stops the pod's sandbox and frees its IP and ports. Its containers have been stopped before; what is known of them stays.</summary>
    Task StopSandboxAsync(string podUid, CancellationToken cancellation);

    /// <summary>Creates and starts one attempt of a container in its pod's sandbox. The last exited attempt is kept for
    /// <c>kubectl logs --previous</c>; older ones are removed. Does nothing if the attempt exists. An attempt that was created and cannot be
    /// started (no such command, …) has ended with the reason <see cref="RuntimeContainerStatus.CannotRun"/>.</summary>
    /// <returns>The attempt as it is now; null if the runtime does not say it, so that whoever wants to know looks at the pod.</returns>
    /// <exception cref="ContainerRefusedException">The runtime rejected its spec (bad mount, …), or the sandbox does not run.</exception>
    Task<RuntimeContainerStatus?> StartContainerAsync(ContainerLaunch container, CancellationToken cancellation);

    /// <summary>Gives a container that runs other CPU and memory, without a restart. Does nothing if it does not run.</summary>
    /// <exception cref="ContainerRefusedException">The runtime or the kernel refuses it, such as a memory limit below what is in use.</exception>
    Task ResizeContainerAsync(string podUid, string container, ContainerResources resources, CancellationToken cancellation);

    /// <summary>Stops a container: its stop signal, then SIGKILL after the grace period.</summary>
    Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation);

    /// <summary>Stops all containers of a pod in parallel within the grace period, then removes them and the sandbox.</summary>
    Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation);

    /// <summary>Runs a command in the current attempt of a container.</summary>
    /// <returns>Exit code and output (at most 10 KiB); the exit code is null if it timed out.</returns>
    Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>The log of a container. Ends at the end of the log, or with <see cref="LogOptions.Follow"/> when the container exits.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, CancellationToken cancellation);

    /// <summary>Streams the uids of pods in which a container exited, or was started by somebody else; throws <see cref="RuntimeUnavailableException"/>
    /// when the runtime goes away. The first item is the empty string: the subscription is active, so list the pods after it.</summary>
    IAsyncEnumerable<string> ChangesAsync(CancellationToken cancellation);

    /// <summary>Images that are present, for the node status.</summary>
    Task<IReadOnlyList<RuntimeImage>> ImagesAsync(CancellationToken cancellation);
}

/// <summary>Version and capacity of a runtime and its host.</summary>
/// <param name="Name">Such as <c>docker</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="KernelVersion">Kernel version of the host.</param>
/// <param name="OsImage">Operating system of the host, such as <c>Debian GNU/Linux 12 (bookworm)</c>.</param>
/// <param name="Cpus">Logical processors.</param>
/// <param name="MemoryBytes">Memory of the host.</param>
/// <param name="DiskBytes">Size of the file system that holds containers.</param>
internal sealed record RuntimeInfo(string Name, string Version, string KernelVersion, string OsImage, int Cpus, long MemoryBytes, long DiskBytes);

/// <summary>An image present on the host.</summary>
internal sealed record RuntimeImage(ImmutableArray<string> Names, long SizeBytes);

/// <summary>A pod in the runtime: the CRI's PodSandboxStatus with the statuses of its containers.</summary>
/// <param name="Uid">Uid of the pod.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ip">Its IP; null without a running sandbox.</param>
/// <param name="IsSandboxRunning">Whether its network namespace exists.</param>
/// <param name="Containers">All attempts of its containers, running or not, in no particular order.</param>
/// <param name="SandboxId">The runtime's id of its sandbox, running or not; a new sandbox has a new one.</param>
internal sealed record RuntimePodStatus(string Uid, string Namespace, string Name, string? Ip, bool IsSandboxRunning, ImmutableArray<RuntimeContainerStatus> Containers,
    string? SandboxId = null)
{
    /// <summary>Its IP of the other family; null if it has none.</summary>
    public string? SecondIp { get; init; }

    /// <summary>Its IPs, the first one first.</summary>
    public IReadOnlyList<string> Ips => Ip is null ? [] : SecondIp is null ? [Ip] : [Ip, SecondIp];

    /// <summary>Whether it equals another status, with containers compared by value.</summary>
    public bool IsSameAs(RuntimePodStatus? other) => other is not null && this with { Containers = [] } == other with { Containers = [] } && Containers.SequenceEqual(other.Containers);
}

/// <summary>One attempt of a container in the runtime: the CRI's ContainerStatus.</summary>
/// <param name="Name">Name in the pod's spec.</param>
/// <param name="Id">The runtime's id.</param>
/// <param name="Attempt">0 for the first start; the restart count.</param>
/// <param name="State">Created, running or exited.</param>
/// <param name="Image">Image as named in the spec.</param>
/// <param name="ImageId">Image id of the runtime.</param>
/// <param name="StartedAt">Start time; null before it started.</param>
/// <param name="FinishedAt">Exit time; null while it runs.</param>
/// <param name="ExitCode">Exit code; 0 while it runs.</param>
/// <param name="IsOomKilled">Whether the kernel killed it because it exceeded its memory limit.</param>
/// <param name="TerminationMessage">Content of its termination log after it exited; at most 4 KiB.</param>
/// <param name="SandboxId">The sandbox that it was created in; its network is gone with that sandbox.</param>
/// <param name="Reason">Why it ended, if its exit code does not say it; one CamelCase word.</param>
/// <param name="Resources">CPU and memory that it has; null if the runtime does not know.</param>
/// <param name="Created">CPU and memory that it was created with; null if the runtime does not know, as of containers of versions that did not change them.</param>
internal sealed record RuntimeContainerStatus(string Name, string Id, int Attempt, ContainerState State, string Image, string ImageId,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int ExitCode, bool IsOomKilled, string? TerminationMessage = null, string? SandboxId = null, string? Reason = null,
    ContainerResources? Resources = null, ContainerResources? Created = null)
{
    /// <summary>Reason of an attempt that could not be started.</summary>
    public const string CannotRun = "ContainerCannotRun";
}

/// <summary>State of a container, as in the CRI.</summary>
internal enum ContainerState
{
    /// <summary>Created but not started.</summary>
    Created,

    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>Its process exited.</summary>
    Exited,
}

/// <summary>A sandbox to create.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="Name">Name of the pod.</param>
/// <param name="Hostname">Host name in the pod.</param>
/// <param name="IsHostNetwork">Whether it shares the network namespace of the host.</param>
/// <param name="Ports">Ports published on the host.</param>
/// <param name="Domain">Domain of the host name; null for none.</param>
/// <param name="Resolver">How names are resolved; null as on the host.</param>
internal sealed record SandboxLaunch(string PodUid, string Namespace, string Name, string Hostname, bool IsHostNetwork, ImmutableArray<HostPort> Ports,
    string? Domain = null, ResolverConfig? Resolver = null)
{
    /// <summary>Whether it shares the host's IPC namespace.</summary>
    public bool IsHostIpc { get; init; }

    /// <summary>Whether the containers of the pod see its process.</summary>
    public bool IsProcessNamespaceShared { get; init; }

    /// <summary>The runtime that runs it, by the engine's name (handler of its RuntimeClass); null for the engine's default.</summary>
    public string? Handler { get; init; }

    /// <summary>Kernel parameters of its namespaces.</summary>
    public ImmutableArray<(string Name, string Value)> Sysctls { get; init; } = [];

    /// <summary>For a pod of which the runtime has nothing: the container that starts first, for a runtime that can create it while the sandbox starts. Null if something of the pod
    /// is there, or nothing of it can be made before the sandbox runs.</summary>
    public FirstContainer? First { get; init; }
}

/// <summary>Prepares the container of a pod that starts first. It does not throw: what goes wrong is found, and told, when the container is to start.</summary>
/// <param name="address">The address that the pod will have; null in the network of the host.</param>
/// <param name="cancellation">Ends the wait.</param>
/// <returns>The container; null if it cannot be prepared yet.</returns>
internal delegate Task<ContainerLaunch?> FirstContainer(string? address, CancellationToken cancellation);

/// <summary>The content of <c>/etc/resolv.conf</c>.</summary>
/// <param name="Nameservers">IP addresses.</param>
/// <param name="Searches">Search domains.</param>
/// <param name="Options">Such as <c>ndots:2</c>.</param>
internal sealed record ResolverConfig(ImmutableArray<string> Nameservers, ImmutableArray<string> Searches, ImmutableArray<string> Options);

/// <summary>A port of the pod published on the host.</summary>
internal sealed record HostPort(string HostIp, int Port, int ContainerPort, string Protocol);

/// <summary>One attempt of a container to start, with all references resolved.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="PodName">Name of the pod.</param>
/// <param name="Name">Name of the container.</param>
/// <param name="Attempt">0 for the first start.</param>
/// <param name="Image">Image; must be present.</param>
/// <param name="Command">Entry point; empty for the image's.</param>
/// <param name="Args">Arguments; empty for the image's (when the command is too).</param>
/// <param name="Env">Environment variables with resolved values, in order.</param>
/// <param name="WorkingDir">Working directory; null for the image's.</param>
/// <param name="Mounts">Host paths to mount.</param>
/// <param name="Resources">CPU and memory; null for no promise and no limit.</param>
/// <param name="RunAsUser">User id; null for the image's.</param>
/// <param name="RunAsGroup">Group id; null for the image's.</param>
/// <param name="IsPrivileged">securityContext.privileged.</param>
/// <param name="IsReadOnlyRoot">securityContext.readOnlyRootFilesystem.</param>
/// <param name="AddCapabilities">securityContext.capabilities.add.</param>
/// <param name="DropCapabilities">securityContext.capabilities.drop.</param>
/// <param name="IsTty">Whether a terminal is allocated.</param>
/// <param name="IsStdin">Whether stdin is kept open.</param>
/// <param name="IsStdinOnce">Whether stdin ends with the first client that attaches.</param>
/// <param name="TerminationMessagePath">Path in the container of the file with the termination message.</param>
/// <param name="IsMessageFromLog">Whether an empty message of a failed container is taken from the log's end (FallbackToLogsOnError).</param>
/// <param name="ImageUser">User of the image, needed if only a group is set; empty for root, null if not needed.</param>
/// <param name="HasNoNewPrivileges">Whether securityContext.allowPrivilegeEscalation is false.</param>
/// <param name="IsSeccompUnconfined">Whether the seccomp profile of the runtime is disabled.</param>
/// <param name="SeccompProfile">Profile in JSON that says which system calls it may make; null for that of the runtime.</param>
/// <param name="IsAppArmorUnconfined">Whether the AppArmor profile of the runtime is disabled.</param>
/// <param name="Processes">Whose processes the container sees.</param>
/// <param name="IsHostIpc">Whether it shares the host's IPC namespace; otherwise that of the sandbox.</param>
/// <param name="Groups">Further group ids of its processes.</param>
/// <param name="OomScoreAdjustment">How much sooner than others the kernel kills its processes when memory is short, -1000 to 1000.</param>
/// <param name="Handler">The runtime that runs it; null for the engine's default.</param>
/// <param name="ProcessesOf">The runtime's id of a container whose processes it sees; null for those that <paramref name="Processes"/> says.</param>
internal sealed record ContainerLaunch(string PodUid, string Namespace, string PodName, string Name, int Attempt, string Image,
    ImmutableArray<string> Command, ImmutableArray<string> Args, ImmutableArray<KeyValuePair<string, string>> Env, string? WorkingDir,
    ImmutableArray<VolumeBind> Mounts, ContainerResources? Resources = null,
    long? RunAsUser = null, long? RunAsGroup = null, bool IsPrivileged = false, bool IsReadOnlyRoot = false,
    ImmutableArray<string> AddCapabilities = default, ImmutableArray<string> DropCapabilities = default,
    bool IsTty = false, bool IsStdin = false, bool IsStdinOnce = false, string TerminationMessagePath = "/dev/termination-log", bool IsMessageFromLog = false,
    string? ImageUser = null, bool HasNoNewPrivileges = false, bool IsSeccompUnconfined = false, string? SeccompProfile = null, bool IsAppArmorUnconfined = false,
    ProcessNamespace Processes = ProcessNamespace.Own, bool IsHostIpc = false, ImmutableArray<long> Groups = default, int OomScoreAdjustment = 0, string? Handler = null,
    string? ProcessesOf = null);

/// <summary>The process namespace of a container.</summary>
internal enum ProcessNamespace
{
    /// <summary>One of its own.</summary>
    Own,

    /// <summary>That of the sandbox, which all containers of the pod share (<c>shareProcessNamespace</c>).</summary>
    Pod,

    /// <summary>That of the host (<c>hostPID</c>).</summary>
    Host,
}

/// <summary>A host folder or file mounted into a container.</summary>
/// <param name="HostPath">Absolute path on the host; must exist.</param>
/// <param name="MountPath">Absolute path in the container.</param>
/// <param name="IsReadOnly">Whether it is mounted read-only.</param>
/// <param name="Propagation">Mount propagation: <c>rprivate</c>, <c>rslave</c> or <c>rshared</c>.</param>
internal sealed record VolumeBind(string HostPath, string MountPath, bool IsReadOnly, string Propagation = VolumeBind.Private)
{
    /// <summary>Mounts are not seen on the other side, in either direction.</summary>
    public const string Private = "rprivate";
}

/// <summary>Options of a log request, as in PodLogOptions.</summary>
/// <param name="Follow">Whether new output is streamed.</param>
/// <param name="IsPrevious">Whether to read the previous attempt.</param>
/// <param name="TailLines">Number of lines from the end; null for all.</param>
/// <param name="Since">Time of the first line; null for the start of the log.</param>
/// <param name="HasTimestamps">Whether each line starts with an RFC 3339 timestamp and a space.</param>
/// <param name="LimitBytes">Maximum number of bytes; null for no limit.</param>
/// <param name="ContainerId">The attempt to read, by the runtime's id; null for the newest, or the one before if <paramref name="IsPrevious"/>.</param>
internal sealed record LogOptions(bool Follow = false, bool IsPrevious = false, long? TailLines = null, DateTimeOffset? Since = null,
    bool HasTimestamps = false, long? LimitBytes = null, string? ContainerId = null);

/// <summary>The runtime does not answer, so the state of its containers is unknown.</summary>
internal sealed class RuntimeUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An image is not available.</summary>
/// <param name="reason">Reason as in Kubernetes: <c>ErrImagePull</c>, <c>ErrImageNeverPull</c> or <c>InvalidImageName</c>.</param>
/// <param name="message">Message of the registry or the runtime.</param>
internal sealed class ImageUnavailableException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>The runtime rejected the spec of a container.</summary>
/// <param name="reason">Reason as in Kubernetes: <c>CreateContainerError</c> or <c>RunContainerError</c>.</param>
/// <param name="message">Message of the runtime.</param>
internal sealed class ContainerRefusedException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}
