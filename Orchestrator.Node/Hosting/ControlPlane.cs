using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Feed.Checkpoints;
using Orchestrator.Actors.GarbageCollection;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.PriorityClasses;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Logs;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Scheduling;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.Hosting;

/// <summary>The actors of a host with the role "control", with the journal and the cache that they use.</summary>
internal sealed class ControlPlane(NodeOptions options, ObjectCache cache, ResourceMetricsStore metrics, PushedMetricStore pushed, TimeProvider time, IIdSource ids) : IAsyncDisposable
{
    private const string Role = "control";
    private const string Trigger = "reconcile-trigger";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private const string Bootstrap = "system:bootstrap";
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    private readonly ApiServers _servers = new();
    private CheckpointLoop? _checkpoints;

    /// <summary>The shard region, once started.</summary>
    public IActorRef Region { get; private set; } = ActorRefs.Nobody;

    /// <summary>Takes pushed values to all control hosts, once started.</summary>
    public IActorRef MetricReceivers { get; private set; } = ActorRefs.Nobody;

    /// <summary>Opens the journal and fills the cache. Called before the host joins the cluster, so that the cache misses no write of its entities.</summary>
    public async Task ReadJournalAsync(ActorSystem system, CancellationToken cancellation)
    {
        var journal = JournalAccess.Of(system).Table;
        await JournalOwnership.CheckAsync(options.DataDir, journal, cancellation).ConfigureAwait(false);
        if (journal.IsShared)
        {
            cache.ReadCurrentRevisionFrom(() => Task.Run(journal.Head, CancellationToken.None));
        }

        var log = Logging.GetLogger(system, "cache");
        cache.OnTrouble((what, cause) => log.Fail(cause, what));
        _checkpoints = await CacheStartup.RunAsync(cache, journal, Path.Combine(options.DataDir, "checkpoints"), options.CheckpointEvery, what => log.Warn(what), cancellation).ConfigureAwait(false);
    }

    /// <summary>Starts the entities and the singletons. Called once the host is a member of the cluster.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="tokens">Issues the tokens of pods.</param>
    /// <param name="authority">Certificate of the API server's authority, as PEM.</param>
    /// <param name="cancellation">Ends the start.</param>
    public async Task StartAsync(ActorSystem system, AccountTokens tokens, string authority, CancellationToken cancellation)
    {
        var trigger = Proxy(system, Trigger);
        var reconciling = new ReconcilerServices(cache, time, ids, () => Region, () => trigger);
        var controllers = Controllers.With(metrics, pushed, options.Autoscaling, authority, options.PodRanges, options.ServiceRanges, _servers, options.LoadBalancing);
        var byKind = controllers.ToDictionary(c => c.Kind);
        var store = new RegionObjectStore(() => Region);
        var services = new EntityServices(time, ids, cache.Registry, cache, (kind, entity) => byKind.GetValueOrDefault(kind) is { } controller ? new Reconciler(controller, entity, reconciling) : null,
            new EventLog(Logging.GetLogger(system, "events"), time))
        {
            Rooms = new QuotaRoom(cache, ids, time, store),
            Allocator = new ServiceAllocator(options.ServiceRanges, cache, time, store),
        };
        var sharding = ClusterSharding.Get(system);
        Region = await sharding.StartAsync(ObjectRegion.TypeName, id => EntityActor.Props(id, services),
            ClusterShardingSettings.Create(system).WithRole(Role), ObjectRegion.Extractor).WaitAsync(Bound, cancellation).ConfigureAwait(false);
        system.ActorOf(UndeliveredCommandsActor.Props(), "undelivered-commands");
        system.ActorOf(PushedMetricsActor.Props(pushed, cache.ByUid, time), PushedMetricsActor.Name);
        MetricReceivers = system.ActorOf(ControlHosts.Receiving(PushedMetricsActor.Name), $"{PushedMetricsActor.Name}-receivers");
        system.ActorOf(ResourceMetricsActor.Props(metrics, options.MetricResolution, time), ResourceMetricsActor.Name);
        foreach (var name in Namespaces)
        {
            var space = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/metadata.name"] = name } } };
            await EnsureAsync(store, NamespaceDefinition.Instance.Key(null, name), space, cancellation).ConfigureAwait(false);
        }

        await EnsureAsync(store, ServiceDefinition.Instance.Key("default", KubernetesService.Name), KubernetesService.Create(options.ApiAddress.Port, options.ServiceRanges.Primary.First), cancellation).ConfigureAwait(false);
        system.ActorOf(ApiServersActor.Props(_servers, () => Region), "api-servers");
        foreach (var priority in SystemPriorityClasses.All)
        {
            await EnsureAsync(store, PriorityClassDefinition.Instance.Key(null, (string)priority["metadata"]!["name"]!), priority, cancellation).ConfigureAwait(false);
        }

        // Together, and only what is missing: there are many, and mostly nothing is.
        await Task.WhenAll(DefaultRoles.All.Where(r => cache.Find(r.Key) is null).Select(r => EnsureAsync(store, r.Key, r.Object, cancellation))).ConfigureAwait(false);
        await EnsureOnceAsync(store, LocalVolumes.ClassMadeAnnotation, StorageClassDefinition.Instance.Key(null, LocalStorageClass.Name), () => LocalStorageClass.Create(DefaultClass.NameIn(cache) is null), cancellation).ConfigureAwait(false);
        await EnsureOnceAsync(store, IngressClassNames.MadeAnnotation, IngressClassDefinition.Instance.Key(null, OwnIngressClass.Name), () => OwnIngressClass.Create(DefaultIngressClass.NameIn(cache) is null), cancellation).ConfigureAwait(false);
        Singleton(system, Trigger, ReconcileTriggerActor.Props(cache, controllers, () => Region, time));
        Singleton(system, "garbage-collector", GarbageCollectorActor.Props(cache, () => Region, time));
        Singleton(system, "pod-garbage-collector", PodGarbageCollectorActor.Props(cache, () => Region, time));
        Singleton(system, "ephemeral-volume-controller", EphemeralClaimActor.Props(cache, () => Region, time));
        Singleton(system, "event-expiry", EventExpiryActor.Props(cache, () => Region, time));
        Singleton(system, "scheduler", SchedulerActor.Props(cache, () => Region, time));
        if (options.JournalRetention is { } keep)
        {
            JournalAccess.Of(system).Retain(keep, cache.Registry, ObjectState.Apply, time);
        }

        Singleton(system, "node-gateway", NodeGatewayActor.Props(cache, () => Region, tokens, time, options.NodePatience));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_checkpoints is not null)
        {
            await _checkpoints.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Creates a proxy of a singleton on the control hosts; works on any host.</summary>
    public static IActorRef Proxy(ActorSystem system, string name) => system.ActorOf(
        ClusterSingletonProxy.Props($"/user/{name}", ClusterSingletonProxySettings.Create(system).WithRole(Role).WithBufferSize(10_000)), $"{name}-proxy");

    private static void Singleton(ActorSystem system, string name, Props props) => system.ActorOf(
        ClusterSingletonManager.Props(props, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(Role)), name);

    // Once in the life of a cluster: a user who deletes it does not want it. The namespace remembers, because it outlives everything that a journal forgets.
    private static async Task EnsureOnceAsync(RegionObjectStore store, string mark, ObjectKey item, Func<JsonObject> create, CancellationToken cancellation)
    {
        var key = NamespaceDefinition.Instance.Key(null, "kube-system");
        var space = (await store.SendAsync(new GetObject(key, Bootstrap), cancellation).ConfigureAwait(false)).Object;
        if (space?.ToNode()["metadata"]?["annotations"]?[mark] is not null || space?.IsDeleting != false)
        {
            return;
        }

        await EnsureAsync(store, item, create(), cancellation).ConfigureAwait(false);
        var made = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [mark] = item.Name } } };
        await store.SendAsync(new MergeObject(key, space.Uid, made, "updated", Bootstrap), cancellation).ConfigureAwait(false);
    }

    // Creates an object that every cluster has, unless it exists.
    private static async Task EnsureAsync(RegionObjectStore store, ObjectKey key, JsonObject item, CancellationToken cancellation)
    {
        var reply = await store.SendAsync(new CreateObject(key, item, Bootstrap), cancellation).ConfigureAwait(false);
        if (reply.Error is { Reason: not ApiReason.AlreadyExists } error)
        {
            throw new InvalidOperationException($"{key} could not be created: {error.Message}");
        }
    }
}
