using Akka.Actor;
using Orchestrator.Actors.Logs;
using Akka.Event;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.KeptLogs;
using Orchestrator.Node.Agent.Quotas;
using Orchestrator.Node.Agent.Scraping;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Node.Dns;
using Orchestrator.Node.Docker;
using Orchestrator.Node.Network;
using Orchestrator.Node.Proxy;
using Orchestrator.Node.Simulated;

namespace Orchestrator.Node.Hosting;

/// <summary>Starts the node agents of a host with the role "worker": one for each of its nodes.</summary>
internal static class Agents
{
    private const int MaxParallelStarts = 8;

    /// <summary>Where it is remembered which pod has which network.</summary>
    public static string NetworkFolder(NodeOptions options) => Path.GetFullPath(Path.Combine(options.DataDir, "network"));

    /// <summary>Starts the agents.</summary>
    /// <returns>Their readiness.</returns>
    public static AgentReadiness Start(ActorSystem system, NodeOptions options, IActorRef region, IActorRef gateway, NodeShutdown shutdown, TimeProvider time)
    {
        var names = options.Runtime == "docker" || options.SimulatedNodes == 0 ? [options.NodeName]
            : Enumerable.Range(1, options.SimulatedNodes).Select(i => $"{options.NodeName}-{i}").ToList();
        var readiness = new AgentReadiness(names);
        var installation = Installation.Of(options.DataDir);
        var volumes = Private(Path.Combine(options.DataDir, "pods"));
        var lasting = Private(Path.GetFullPath(Path.Combine(options.DataDir, "volumes")));
        var receivers = system.ActorOf(ControlHosts.Receiving(ResourceMetricsActor.Name), $"{ResourceMetricsActor.Name}-receivers");
        var scraped = system.ActorOf(ControlHosts.Receiving(PushedMetricsActor.Name), $"scraped-{PushedMetricsActor.Name}-receivers");
        KeptLogStore? kept = null;
        var metrics = new AgentMetrics();
        if (options.Runtime == "docker")
        {
            File.WriteAllText(Path.Combine(options.DataDir, "docker.host"), options.DockerHost.OriginalString + "\n"); // Read by "orc down --purge".
            var network = PodNetworks.Choose(options, installation, NetworkFolder(options), time, Logging.GetLogger(system, "network"));
            var log = Logging.GetLogger(system, typeof(KeptLogStore));
            kept = new KeptLogStore(Path.Combine(options.DataDir, "deleted-logs"), options.DeletedLogs, time)
            {
                Lost = (container, why) => log.Warn(why, "The log of a container that was removed could not be kept", ("container", container)),
            };
            Begin(options.NodeName, DockerRuntime.At(options.DockerHost, options.NodeName, options.DataDir, network, kept), HostAddress.Of(options), new SemaphoreSlim(MaxParallelStarts), volumes, lasting, network, options.PodRanges.Families.Length > 1 ? HostAddress.SecondOf(HostAddress.Of(options)) : null);
            return readiness;
        }

        foreach (var (name, i) in names.Select((n, i) => (n, i)))
        {
            Begin(name, new SimulatedRuntime(i, options.Simulation, time), $"10.{64 + (i >> 16)}.{i >> 8 & 0xFF}.{i & 0xFF}", new SemaphoreSlim(int.MaxValue), Path.Combine(volumes, name), Path.Combine(lasting, name));
        }

        return readiness;

        void Begin(string name, IContainerRuntime runtime, string ip, SemaphoreSlim gate, string folder, string local, IPodNetwork? network = null, string? secondIp = null) => system.ActorOf(
            NodeAgentActor.Props(new AgentServices(name, ip, new MeasuredRuntime(runtime), options.Runtime, gateway, region, folder, time, gate,
                new Dictionary<string, string>(), installation, readiness)
            {
                SecondHostIp = secondIp,
                LocalVolumes = local,
                Sizes = options.Runtime == "docker" ? VolumeSizes.At(local, Path.Combine(options.DataDir, "projects"), Logging.GetLogger(system, typeof(VolumeSizes))) : null,
                SeccompProfiles = options.Runtime == "docker" ? Path.GetFullPath(Path.Combine(options.DataDir, "seccomp")) : null,
                KeptLogs = kept,
                Network = network,
                Proxying = runtime is DockerRuntime ? new ServiceProxying(new ServiceDirectory(time), PodNetworks.Obstacle(options) is null ? NetworkNames.Of(installation) : null, options.PodRanges.Clusters, network is null ? null : Dns(time, network.IsPod, Logging.GetLogger(system, typeof(ClusterDns))), network) { Hosts = [.. ((string?[])[ip, secondIp]).OfType<string>().Select(System.Net.IPAddress.Parse)] } : null,
                Ingress = options.Ingress,
                Metrics = metrics.ExportAsync,
                Streams = (runtime as DockerRuntime)?.Streams,
                Images = runtime is DockerRuntime { Images: var images } ? new ImageKeeping(images, options.ImageGc) : null,
                Eviction = runtime is DockerRuntime shared ? new EvictionKeeping(options.Eviction, new HostSampler(folder, shared.Disk.FolderAsync, time), new PodMeter(new MeasuredStats(shared), shared.Disk, folder))
                {
                    Stalls = onStall => MemoryStall.Watch("/proc/pressure/memory", onStall),
                }
                : null,
                Registration = options.Registration,
                Reserved = options.Reserved,
                Shutdown = runtime is DockerRuntime ? shutdown : null,
                StaticPods = options.StaticPodPath,
                Csi = runtime is DockerRuntime && options.KubeletDir is { } kubelet ? CsiNode.At(kubelet, folder, time) : null,
                Scraping = runtime is DockerRuntime scrapable ? new PodScraping(scrapable.Streams, scraped, options.MetricResolution) : null,
                Usage = runtime is IContainerStats stats ? new UsageReporting(new MeasuredStats(stats), receivers, options.MetricResolution) : null,
            }), $"agent-{name}");
    }

    private static ClusterDns Dns(TimeProvider time, Func<System.Net.IPAddress, bool> isPod, ILoggingAdapter log) => new(new HostDns("/etc/resolv.conf"), time, (what, why) => log.Warn(why, what), isPod);

    private static string Private(string folder)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, PrivateDirectory.OwnerOnly);
        return folder;
    }
}
