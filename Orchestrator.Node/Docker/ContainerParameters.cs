using System.Globalization;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Docker;

/// <summary>Builds the create request for the engine. Pure.</summary>
internal static class ContainerParameters
{
    private const long Period = 100_000;
    private const long MinShares = 2;
    private const long MinQuota = 1_000;

    // The engine takes an empty list for "as on the host".
    private const string NoSearch = ".";
    private const string DefaultOption = "ndots:1";

    // Where a sandbox finds the network namespace that it enters.
    private const string NamespacePath = "/netns";

    /// <summary>A sandbox in a network that the engine makes; or in that of the host, if it is to stay there or to enter a namespace that was made for it.</summary>
    /// <param name="launch">The sandbox.</param>
    /// <param name="owner">Its owner.</param>
    /// <param name="image">The engine's id of the pause image.</param>
    /// <param name="network">Path of the network namespace to enter; null for none.</param>
    public static CreateContainerParameters Sandbox(SandboxLaunch launch, ContainerOwner owner, string image, string? network = null) => new()
    {
        Name = SandboxName(launch.Name, launch.Namespace, launch.PodUid),
        Image = image,
        Entrypoint = network is null ? [PauseImage.Path] : [PauseImage.Path, NamespacePath],
        Hostname = launch.IsHostNetwork ? null : launch.Hostname,
        Domainname = launch.IsHostNetwork ? null : launch.Domain,
        Labels = Labels(owner, launch.PodUid, launch.Namespace, launch.Name, DockerLabels.Sandbox),
        ExposedPorts = launch.IsHostNetwork || network is not null ? null : launch.Ports.Select(Port).Distinct().ToDictionary(p => p, _ => default(EmptyStruct)),
        HostConfig = new HostConfig
        {
            NetworkMode = launch.IsHostNetwork || network is not null ? "host" : "bridge",

            // To enter the namespace and for nothing else: the program gives it up.
            CapDrop = network is null ? null : ["ALL"],
            CapAdd = network is null ? null : ["SYS_ADMIN"],

            // To make the filter of system calls takes a sixth of the start. The program has no capabilities and reads nothing, and who cannot see its process cannot use it to get around his own.
            SecurityOpt = network is null ? null : launch.IsProcessNamespaceShared ? ["no-new-privileges"] : ["no-new-privileges", "seccomp=unconfined"],
            Mounts = network is null ? null : [Bind(new VolumeBind(network, NamespacePath, false))],
            IpcMode = launch.IsHostIpc ? "host" : "shareable",
            Runtime = launch.Handler,
            Sysctls = launch.Sysctls.IsEmpty ? null : launch.Sysctls.Where(s => network is null || !IsOfNetwork(s.Name)).DistinctBy(s => s.Name).ToDictionary(s => s.Name, s => s.Value),
            Init = false,
            LogConfig = new LogConfig { Type = "none" },
            DNS = launch.Resolver is { Nameservers.IsEmpty: false } named ? [.. named.Nameservers] : null,
            DNSSearch = launch.Resolver is null ? null : launch.Resolver.Searches.IsEmpty ? [NoSearch] : [.. launch.Resolver.Searches],
            DNSOptions = launch.Resolver is null ? null : launch.Resolver.Options.IsEmpty ? [DefaultOption] : [.. launch.Resolver.Options],
            PortBindings = launch.IsHostNetwork || network is not null ? null : launch.Ports.GroupBy(Port).ToDictionary(
                p => p.Key,
                p => (IList<PortBinding>)[.. p.Select(b => new PortBinding { HostIP = b.HostIp, HostPort = b.Port.ToString(CultureInfo.InvariantCulture) })]),
        },
    };

    public static CreateContainerParameters Container(ContainerLaunch launch, string sandboxId, ContainerOwner owner, string messagePath)
    {
        var held = launch.Resources ?? ContainerResources.Of(null);
        var labels = Labels(owner, launch.PodUid, launch.Namespace, launch.PodName, "container");
        labels[DockerLabels.Container] = launch.Name;
        labels[DockerLabels.Resources] = string.Create(CultureInfo.InvariantCulture, $"{held.MilliCpuRequest} {held.MilliCpuLimit} {held.MemoryRequest} {held.MemoryLimit}");
        labels[DockerLabels.Attempt] = launch.Attempt.ToString(CultureInfo.InvariantCulture);
        if (launch.IsMessageFromLog)
        {
            labels[DockerLabels.MessageFromLog] = "true";
        }

        return new CreateContainerParameters
        {
            Name = Name(launch),
            Image = launch.Image,
            Entrypoint = launch.Command.IsEmpty ? null : [.. launch.Command],
            Cmd = launch.Args.IsEmpty ? null : [.. launch.Args],
            Env = [.. launch.Env.Select(e => $"{e.Key}={e.Value}")],
            WorkingDir = launch.WorkingDir,
            User = User(launch),
            Tty = launch.IsTty,
            OpenStdin = launch.IsStdin,
            StdinOnce = launch.IsStdinOnce,
            Labels = labels,
            HostConfig = new HostConfig
            {
                NetworkMode = $"container:{sandboxId}",
                IpcMode = launch.IsHostIpc ? "host" : $"container:{sandboxId}",
                PidMode = launch.ProcessesOf is { } target ? $"container:{target}" : launch.Processes switch { ProcessNamespace.Host => "host", ProcessNamespace.Pod => $"container:{sandboxId}", _ => null },
                GroupAdd = launch.Groups.IsDefaultOrEmpty ? null : [.. launch.Groups.Select(g => g.ToString(CultureInfo.InvariantCulture))],
                OomScoreAdj = launch.OomScoreAdjustment,
                Runtime = launch.Handler,
                Init = false,
                Mounts = [.. launch.Mounts.Append(new VolumeBind(messagePath, launch.TerminationMessagePath, false)).Select(Bind)],
                CPUShares = Shares(held),
                CPUPeriod = held.MilliCpuLimit > 0 ? Period : 0,
                CPUQuota = Quota(held),
                Memory = held.MemoryLimit,
                MemorySwap = held.MemoryLimit,
                MemoryReservation = held.MemoryRequest,
                Privileged = launch.IsPrivileged,
                ReadonlyRootfs = launch.IsReadOnlyRoot,
                SecurityOpt = SecurityOptions(launch),
                CapAdd = launch.AddCapabilities.IsDefaultOrEmpty ? null : [.. launch.AddCapabilities],
                CapDrop = launch.DropCapabilities.IsDefaultOrEmpty ? null : [.. launch.DropCapabilities],
                LogConfig = new LogConfig { Type = "json-file", Config = new Dictionary<string, string> { ["max-size"] = "10m", ["max-file"] = "3" } },
            },
        };
    }

    /// <summary>Whether a kernel parameter belongs to a network namespace.</summary>
    public static bool IsOfNetwork(string sysctl) => sysctl.StartsWith("net.", StringComparison.Ordinal);

    /// <summary>The change of what a container has.</summary>
    public static ContainerUpdateParameters Resize(ContainerResources wanted) => new()
    {
        CPUShares = Shares(wanted),
        CPUPeriod = wanted.MilliCpuLimit > 0 ? Period : 0,
        CPUQuota = Quota(wanted),
        Memory = wanted.MemoryLimit,
        MemorySwap = wanted.MemoryLimit,
        MemoryReservation = wanted.MemoryRequest,
    };

    /// <summary>What a container has, of what the engine tells.</summary>
    public static ContainerResources ResourcesOf(HostConfig config) => new(
        Math.Max(ContainerResources.LeastRequest, (config.CPUShares * 1000 + 1023) / 1024), config.CPUQuota * 1000 / Period, config.MemoryReservation, config.Memory);

    /// <summary>What a container was created with; null if its labels do not say it.</summary>
    public static ContainerResources? CreatedWith(IDictionary<string, string> labels)
    {
        long[] amounts = labels.TryGetValue(DockerLabels.Resources, out var text) ? [.. text.Split(' ').Select(a => long.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : 0)] : [];
        return amounts is [var request, var limit, var memoryRequest, var memoryLimit] ? new ContainerResources(request, limit, memoryRequest, memoryLimit) : null;
    }

    private static long Shares(ContainerResources held) => Math.Max(MinShares, held.MilliCpuRequest * 1024 / 1000);

    private static long Quota(ContainerResources held) => held.MilliCpuLimit > 0 ? Math.Max(MinQuota, held.MilliCpuLimit * Period / 1000) : 0;

    public static string SandboxName(string pod, string ns, string uid) => $"k8s_POD_{pod}_{ns}_{uid}";

    public static string Name(ContainerLaunch launch) =>
        string.Create(CultureInfo.InvariantCulture, $"k8s_{launch.Name}_{launch.PodName}_{launch.Namespace}_{launch.PodUid}_{launch.Attempt}");

    // The engine accepts a group only with a user: that of the image, or root if the image has none.
    private static string? User(ContainerLaunch launch)
    {
        var user = launch.RunAsUser?.ToString(CultureInfo.InvariantCulture) ?? (launch.RunAsGroup is null ? null : launch.ImageUser is { Length: > 0 } named ? named : "0");
        return launch.RunAsGroup is { } group ? string.Create(CultureInfo.InvariantCulture, $"{user}:{group}") : user;
    }

    // The default profiles of the engine are RuntimeDefault in Kubernetes.
    private static string[] SecurityOptions(ContainerLaunch launch) =>
    [
        .. launch.HasNoNewPrivileges ? (string[])["no-new-privileges"] : [],
        .. launch.SeccompProfile is { } profile ? (string[])[$"seccomp={profile}"] : [],
        .. launch.IsSeccompUnconfined ? (string[])["seccomp=unconfined"] : [],
        .. launch.IsAppArmorUnconfined ? (string[])["apparmor=unconfined"] : [],
    ];

    // As separate fields: the short form source:target:options does not support colons in paths.
    private static Mount Bind(VolumeBind bind) => new()
    {
        Type = "bind",
        Source = bind.HostPath,
        Target = bind.MountPath,
        ReadOnly = bind.IsReadOnly,

        // The engine takes this for what nobody has asked for, and mounts what contains its own folder, such as the root of the host, in the way that it needs.
        BindOptions = bind.Propagation == VolumeBind.Private ? null : new BindOptions { Propagation = bind.Propagation },
    };

    private static string Port(HostPort port) => string.Create(CultureInfo.InvariantCulture, $"{port.ContainerPort}/{port.Protocol.ToLowerInvariant()}");

    private static Dictionary<string, string> Labels(ContainerOwner owner, string uid, string ns, string name, string kind) => new()
    {
        [DockerLabels.Node] = owner.Node,
        [DockerLabels.Installation] = owner.Installation,
        [DockerLabels.Kind] = kind,
        [DockerLabels.PodUid] = uid,
        [DockerLabels.PodNamespace] = ns,
        [DockerLabels.PodName] = name,
    };
}
