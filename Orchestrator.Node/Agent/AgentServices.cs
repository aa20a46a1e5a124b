using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Quotas;
using Orchestrator.Node.Agent.Scraping;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.KeptLogs;
using Orchestrator.Node.Agent.Pages;
using Orchestrator.Node.Agent.NodeSetup;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Node.Agent.Streams;
using Orchestrator.Node.Ingress;
using Orchestrator.Node.Network;
using Orchestrator.Node.Policies;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Node.Agent;

/// <summary>Dependencies of an agent and its pods.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="HostIp">IP address of the node.</param>
/// <param name="Runtime">The container runtime.</param>
/// <param name="RuntimeName">Name of the runtime; the scheme of container ids.</param>
/// <param name="Gateway">Gateway that sends the desired pods.</param>
/// <param name="Region">Shard region of the entities.</param>
/// <param name="Volumes">Parent folder of pod volumes.</param>
/// <param name="Time">The clock.</param>
/// <param name="StartGate">Limits the runtime steps that run in parallel on the host.</param>
/// <param name="Labels">Labels of the node.</param>
/// <param name="Installation">Id of the host, unique even if names are not.</param>
/// <param name="Readiness">Readiness of the node.</param>
internal sealed record AgentServices(string Node, string HostIp, IContainerRuntime Runtime, string RuntimeName, IActorRef Gateway, IActorRef Region,
    string Volumes, TimeProvider Time, SemaphoreSlim StartGate, IReadOnlyDictionary<string, string> Labels, string Installation, AgentReadiness Readiness)
{
    private RuntimeInfo? _host;

    /// <summary>How the node reports what its pods use; null if it does not, because its runtime does not know.</summary>
    public UsageReporting? Usage { get; init; }

    /// <summary>How the node takes metrics that its pods expose; null if the runtime cannot connect to pods.</summary>
    public PodScraping? Scraping { get; init; }

    /// <summary>Folder of the volumes that outlive pods; null if the node keeps none.</summary>
    public string? LocalVolumes { get; init; }

    /// <summary>Enforces the sizes of these volumes; null if their file system does not.</summary>
    public VolumeSizes? Sizes { get; init; }

    /// <summary>What the node has of CSI; null if its runtime mounts nothing.</summary>
    public CsiNode? Csi { get; init; }

    /// <summary>How the node looks after its images; null if its runtime has none.</summary>
    public ImageKeeping? Images { get; init; }

    /// <summary>How the node evicts pods when it runs short of something; null if it does not.</summary>
    public EvictionKeeping? Eviction { get; init; }

    /// <summary>With what the node is registered.</summary>
    public NodeRegistration Registration { get; init; } = NodeRegistration.Plain;

    /// <summary>What of the node is kept from pods.</summary>
    public NodeReservations Reserved { get; init; } = NodeReservations.None;

    /// <summary>Whether the machine shuts down; null if nobody says it.</summary>
    public NodeShutdown? Shutdown { get; init; }

    /// <summary>Folder with the manifests of static pods; null if there is none.</summary>
    public string? StaticPods { get; init; }

    /// <summary>Folder of the node's seccomp profiles; null if it has none.</summary>
    public string? SeccompProfiles { get; init; }

    /// <summary>What the node needs to have services; null if its pods reach nothing.</summary>
    public ServiceProxying? Proxying { get; init; }

    /// <summary>Where pods wait for their network policies.</summary>
    public PolicyGate Policies { get; } = new();

    /// <summary>Where the node serves Ingresses; null if it serves none.</summary>
    public IngressPorts? Ingress { get; init; }

    /// <summary>The network of the node's pods; null if the runtime makes it.</summary>
    public IPodNetwork? Network { get; init; }

    /// <summary>The logs of pods that were removed; null if the runtime keeps none.</summary>
    public KeptLogStore? KeptLogs { get; init; }

    /// <summary>How streams to pods are opened; null if the runtime has none.</summary>
    public IContainerStreams? Streams { get; init; }

    /// <summary>The last samples of what pods use.</summary>
    public LatestStats Stats { get; } = new();

    /// <summary>Results of probes.</summary>
    public ProbeTotals Probes { get; } = new();

    /// <summary>Exports the metrics of this process; null if nobody does.</summary>
    public Func<CancellationToken, Task<string>>? Metrics { get; init; }

    /// <summary>Address of the node of the other family; null if it has none.</summary>
    public string? SecondHostIp { get; init; }

    /// <summary>Addresses of the node.</summary>
    public IReadOnlyList<string> HostIps => SecondHostIp is null ? [HostIp] : [HostIp, SecondHostIp];

    /// <summary>Key of the node.</summary>
    public ObjectKey Key => NodeDefinition.Instance.Key(null, Node);

    /// <summary>Returns the shard region; shared by the outboxes of all actors.</summary>
    public Func<IActorRef> Entities { get; } = () => Region;

    /// <summary>The entities, for code that awaits their replies.</summary>
    public IObjectStore Store { get; } = new RegionObjectStore(() => Region);

    /// <summary>Returns the last info of the runtime; null before its first answer.</summary>
    public RuntimeInfo? Host() => Volatile.Read(ref _host);

    /// <summary>Returns the IP of a pod; null if it has none yet.</summary>
    public string? AddressOf(PodManifest pod, RuntimePodStatus? observed) => pod.Spec.HostNetwork == true ? HostIp : observed?.Ip;

    /// <summary>Records Events of the node. Best effort, like Events in Kubernetes: nobody waits for the answer.</summary>
    public void Record(params IEnumerable<RecordedEvent> events) =>
        Region.Tell(new MergeObject(Key, "", [], "reported", $"system:node:{Node}", RecordedEvents: [.. events]), ActorRefs.NoSender);

    /// <summary>Stores the info of the runtime.</summary>
    public void Learn(RuntimeInfo host) => Volatile.Write(ref _host, host);
}
