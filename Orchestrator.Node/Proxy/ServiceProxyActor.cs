using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Dns;
using Orchestrator.Node.Copies;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Proxy;

/// <summary>Keeps a node's copy of all services and, out of it, the packet rules by which they are reached. While no control host answers, the rules stay as they are.</summary>
internal sealed class ServiceProxyActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Doubtful = TimeSpan.FromSeconds(30);
    private readonly string _node;
    private readonly ServiceDirectory _directory;
    private readonly ClusterDns? _dns;
    private readonly ImmutableArray<IPNetwork> _pods;
    private readonly RuleWriter? _rules;
    private readonly Upkeep? _reach;
    private readonly Upkeep? _hold;
    private readonly HashSet<ObjectKey> _pooled = [];
    private readonly HashSet<ObjectKey> _outer = [];
    private bool _hasHeld;
    private readonly HealthCheckServer _health;
    private readonly StaleFlows _stale = new();
    private readonly Aftermath<DatagramFlow> _aftermath;
    private NodeAddresses? _nodes;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceCopy _copy = new();
    private readonly ServiceInterest _interest;
    private readonly FeedFollowing _following;
    private readonly ImmutableArray<IPAddress> _hosts;

    private string? _place;

    // As the copy is: an actor that begins anew does not know what is gone since.
    private DnsZone _zone = DnsZone.Empty;

    /// <summary>Use <see cref="Props"/>.</summary>
    public ServiceProxyActor(string node, IActorRef gateway, ServiceProxying proxying, PacketKernel kernel)
    {
        (_node, _directory, _dns, _pods, _hosts) = (node, proxying.Directory, proxying.Dns, proxying.Pods, proxying.Hosts);
        _aftermath = new Aftermath<DatagramFlow>(kernel, DatagramFlow.ForgetAsync);
        _health = new HealthCheckServer((port, why) => _log.Warn("Load balancers cannot ask for the endpoints of a service", ("node", _node), ("port", port), ("error", why)));
        _rules = proxying.Names is not { } names ? null : new RuleWriter(ServiceRules.Table(names), Self, this, RulesOf, ApplyAsync, table => kernel.HasAsync(table, _stopping.Token),
            e => _log.Warn("Services are not reached as they should be", ("node", _node), ("error", e.Message)),
            () => _log.Inform("Services are reached as they should be again", ("node", _node)));
        _reach = proxying.Network is not { } network ? null : new Upkeep(Self, this, () => network.ReachAsync(Peers(), _hosts, _stopping.Token),
            e => _log.Warn("Pods of other hosts are not reached as they should be", ("node", _node), ("error", e.Message)),
            () => _log.Inform("Pods of other hosts are reached as they should be again", ("node", _node)));
        _following = new FeedFollowing(gateway, this, () => _copy.Position, at => new FollowServices(at));
        _hold = proxying.Names is not { } own || kernel.HoldAsync is not { } hold ? null : new Upkeep(Self, this, () => hold(own, Elected(), _stopping.Token),
            e => _log.Warn("The node does not answer for addresses of load balancers as it should", ("node", _node), ("error", e.Message)),
            () => _log.Inform("The node answers for addresses of load balancers as it should again", ("node", _node)));
        _interest = new ServiceInterest(_copy);
        Receive<FeedFollowing.Due>(due => due.Of.Ask());
        Receive<ObjectNews>(OnNews);
        Receive<WatchServices>(watch => _interest.Take(Sender, watch));
        Receive<Show>(show => Sender.Tell(Shows(show)));
        Receive<Recheck>(_ =>
        {
            // As long as nothing is known, what the agent before has made stays.
            if (_copy.Source.Length > 0)
            {
                // Processes of the host may listen at other ports by now.
                _nodes = null;
                _rules?.Touch(_outer.Select(Owner));
                _rules?.Doubt();
                _reach?.Want();
                _hold?.Want();
            }
        });
        Receive<Upkeep.Ended>(ended => ended.Of.Take(ended));
        Receive<Upkeep.Due>(due => due.Of.TakeDue());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="gateway">The gateway that gives the services.</param>
    /// <param name="proxying">What the node has for them.</param>
    /// <param name="kernel">Takes the packet rules.</param>
    public static Props Props(string node, IActorRef gateway, ServiceProxying proxying, PacketKernel kernel) =>
        Akka.Actor.Props.Create(() => new ServiceProxyActor(node, gateway, proxying, kernel));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _following.Ask();
        Look();
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        _following.AskAnew();
        Look();
        Context.Parent.Tell(BegunAnew.Instance);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _ = _health.DisposeAsync().AsTask();
    }

    private void Look() => Timers.StartPeriodicTimer(Recheck.Instance, Recheck.Instance, Doubtful);

    private void OnNews(ObjectNews news)
    {
        if (_copy.Take(news) is not { } touched)
        {
            _following.AskFor();
            return;
        }

        if (_copy.Source.Length == 0)
        {
            return;
        }

        var services = touched.Where(t => t.Resource == ServiceDefinition.Instance.Resource).ToList();
        var place = services.Count == touched.Count ? _place : _copy.Nodes.FirstOrDefault(n => n.Name == _node)?.Labels.GetValueOrDefault(ZoneShares.Label);
        if (place != _place)
        {
            // Which endpoints are near is another matter now.
            (_place, services) = (place, [.. services.Union(_copy.Services.Select(s => s.Key))]);
        }

        if (news.From == ObjectNews.Whole)
        {
            _directory.Set(_copy.Services);
        }
        else if (services.Count > 0)
        {
            _directory.Change(services.Select(k => (k, _copy.Find(k))));
        }

        if (touched.Any(t => t.Resource != ServiceDefinition.Instance.Resource) || news.From == ObjectNews.Whole)
        {
            _reach?.Want();
        }

        _interest.Tell(news.From == ObjectNews.Whole ? null : services);
        _nodes = null;
        Elect(services, touched.Count > services.Count || news.From == ObjectNews.Whole);
        Name(services);
        _rules?.Touch(services.Select(Owner));
        _rules?.Begin();
    }

    // Nothing is done for clusters without a pool, but to look once whether something was left.
    private void Elect(IEnumerable<ObjectKey> services, bool hasNodes)
    {
        var isTouched = false;
        foreach (var key in services)
        {
            // Endpoints, of which there may be many, do not matter here.
            var routes = RoutesOf(key, []);
            var isPooled = routes.Any(r => !r.PoolAddresses.IsEmpty);
            isTouched |= isPooled || _pooled.Contains(key);
            var isOuter = routes.Any(IsOuter);
            _ = isOuter ? _outer.Add(key) : _outer.Remove(key);
            _ = isPooled ? _pooled.Add(key) : _pooled.Remove(key);
        }

        if (isTouched || !_hasHeld || (hasNodes && _pooled.Count > 0))
        {
            _hasHeld = true;
            _hold?.Want();
        }
    }

    private IReadOnlySet<string> Elected() => AddressElection.Of(_node, _pooled.SelectMany(k => RoutesOf(k)), _copy.Nodes,
        route => _copy.SlicesOf(ServiceDefinition.Instance.Key(route.Namespace, route.Name)).Select(s => s.As<V1EndpointSlice>()).Where(s => s.AddressType == route.Family.Name).SelectMany(s => s.Endpoints ?? []).Where(e => e.Conditions?.Ready ?? true).Select(e => e.NodeName).OfType<string>().ToHashSet());

    private ImmutableArray<ServiceRoute> RoutesOf(ObjectKey key) => RoutesOf(key, [.. _copy.SlicesOf(key)]);

    private ImmutableArray<ServiceRoute> RoutesOf(ObjectKey key, IReadOnlyCollection<KubeObject> slices) => _copy.Find(key) is { } service ? ServiceRoutes.All(service, slices, _node, _place) : [];

    private static bool IsOuter(ServiceRoute route) => !route.ExternalAddresses.IsEmpty || !route.BalancerAddresses.IsEmpty;

    private IReadOnlyCollection<NodeRange> Peers() => [.. _copy.Nodes.Where(n => n.Name != _node).Select(Peer).OfType<NodeRange>()];

    private static NodeRange? Peer(KubeObject node)
    {
        var whole = node.As<V1Node>();
        ImmutableArray<IPNetwork> ranges = [.. NodeRanges.Parsed(whole)];
        ImmutableArray<IPAddress> hosts = [.. (whole.Status?.Addresses ?? []).Where(a => a.Type == "InternalIP").Select(a => IPAddress.TryParse(a.Address, out var host) ? host : null).OfType<IPAddress>()];
        return ranges.IsEmpty || hosts.IsEmpty ? null : new NodeRange(node.Name, ranges, hosts);
    }

    private void Name(IEnumerable<ObjectKey> touched)
    {
        if (_dns is not null)
        {
            _dns.Zone = _zone = touched.Aggregate(_zone, (zone, key) => zone.With(key.Namespace, key.Name, _copy.Find(key) is { } service ? DnsService.Of(service, _copy.SlicesOf(key)) : null));
        }
    }

    private static string Owner(ObjectKey service) => $"{service.Namespace}/{service.Name}";

    private Shown Shows(Show show)
    {
        var key = ServiceDefinition.Instance.Key(show.Namespace, show.Name);
        var (service, routes) = (_copy.Find(key), RoutesOf(key));
        return new Shown(_copy.Source, _copy.Version, _rules?.IsWritten(Owner(key)) == true, routes, ServiceRules.Of(routes, _pods, NodesNow()),
            service is null ? [] : [.. DnsService.NamesOf(service).Select(n => (n.Name, n.Type.ToString().ToUpperInvariant(), _zone.Answer(n.Name, n.Type)))]);
    }

    private OwnedRules RulesOf(string owner)
    {
        var parts = owner.Split('/');
        var key = ServiceDefinition.Instance.Key(parts[0], parts[1]);
        var routes = RoutesOf(key);
        _health.Set(key, routes.FirstOrDefault()?.HealthCheckPort ?? 0, routes.FirstOrDefault()?.LocalEndpoints ?? 0);
        _stale.Note(owner, routes);
        return ServiceRules.Of(routes, _pods, NodesFor(routes));
    }

    // Read once for all services that are written together.
    private NodeAddresses? NodesFor(ImmutableArray<ServiceRoute> routes) => !routes.Any(IsOuter) ? null : _nodes ??= NodesNow();

    private NodeAddresses NodesNow() => NodeAddresses.Of(_node, _copy.Nodes, _pooled.SelectMany(k => RoutesOf(k, [])).SelectMany(r => r.PoolAddresses).ToHashSet());

    private Task ApplyAsync(string text)
    {
        _nodes = null;
        _aftermath.Add(_stale.Take());
        return _aftermath.RunAsync(text, _stopping.Token);
    }

    /// <summary>The actor has begun anew after a fault, and knows nobody who needs services.</summary>
    public sealed record BegunAnew
    {
        /// <summary>The message.</summary>
        public static readonly BegunAnew Instance = new();
    }

    /// <summary>Asks what the packets of a service meet. The reply is <see cref="Shown"/>.</summary>
    /// <param name="Namespace">Namespace of the service.</param>
    /// <param name="Name">Its name.</param>
    public sealed record Show(string Namespace, string Name);

    /// <summary>What the node knows of a service, and what its packets meet.</summary>
    /// <param name="Source">Who gave the node's copy; empty if it has none.</param>
    /// <param name="Version">Version of the copy.</param>
    /// <param name="IsInForce">Whether the kernel has the newest rules.</param>
    /// <param name="Routes">The way of its packets, of each family; none if it has none, or is not known.</param>
    /// <param name="Rules">Its packet rules.</param>
    /// <param name="Names">Its names, with what is answered; null for a name that is not of the cluster.</param>
    public sealed record Shown(string Source, long Version, bool IsInForce, ImmutableArray<ServiceRoute> Routes, OwnedRules Rules, ImmutableArray<(string Name, string Type, DnsAnswer? Answer)> Names)
    {
        /// <summary>Of a node that leads no packets to services.</summary>
        public static readonly Shown Nothing = new("", 0, false, [], OwnedRules.None, []);
    }

    private sealed record Recheck { public static readonly Recheck Instance = new(); }
}
