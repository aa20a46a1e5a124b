using System.Net;
using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Dns;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Proxy;

/// <summary>Keeps a node's copy of all services and, out of it, the packet rules by which they are reached. While no control host answers, the rules stay as they are.</summary>
internal sealed class ServiceProxyActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private readonly string _node;
    private readonly IActorRef _gateway;
    private readonly ServiceDirectory _directory;
    private readonly ClusterDns? _dns;
    private readonly RuleBook? _book;
    private readonly IPNetwork _pods;
    private readonly Func<string, CancellationToken, Task> _apply;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceCopy _copy = new();
    private readonly IPodNetwork? _network;
    private readonly IPAddress _host;

    // As the copy is: an actor that begins anew does not know what is gone since.
    private DnsZone _zone = DnsZone.Empty;
    private readonly HashSet<ObjectKey> _waiting = [];
    private bool _isApplying;
    private bool _isWhole = true;
    private string? _fault;
    private bool _isReaching;
    private bool _isReachStale;
    private string? _reachFault;

    /// <summary>Use <see cref="Props"/>.</summary>
    public ServiceProxyActor(string node, IActorRef gateway, ServiceProxying proxying, Func<string, CancellationToken, Task> apply)
    {
        (_node, _gateway, _directory, _dns, _pods, _apply) = (node, gateway, proxying.Directory, proxying.Dns, proxying.Pods, apply);
        (_network, _host) = (proxying.Network, proxying.Host);
        _book = proxying.Names is { } names ? new RuleBook(names) : null;
        Receive<Ask>(_ => Follow());
        Receive<ServiceNews>(OnNews);
        Receive<Applied>(OnApplied);
        Receive<Again>(_ => Write());
        Receive<Reached>(OnReached);
        Receive<ReachAgain>(_ => Reach());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="gateway">The gateway that gives the services.</param>
    /// <param name="proxying">What the node has for them.</param>
    /// <param name="apply">Runs a transaction of <c>nft</c>.</param>
    public static Props Props(string node, IActorRef gateway, ServiceProxying proxying, Func<string, CancellationToken, Task> apply) =>
        Akka.Actor.Props.Create(() => new ServiceProxyActor(node, gateway, proxying, apply));

    /// <inheritdoc/>
    protected override void PreStart() => Follow();

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    // Whoever asks gets nothing if he has everything, so it costs little, and what was lost on the way comes soon.
    private void Follow()
    {
        _gateway.Tell(new FollowServices(_copy.Source, _copy.Version));
        Timers.StartSingleTimer(Ask.Instance, Ask.Instance, _copy.Source.Length == 0 ? First : Interval);
    }

    private void OnNews(ServiceNews news)
    {
        if (_copy.Take(news) is not { } touched)
        {
            Follow();
            return;
        }

        if (!news.IsLast)
        {
            return;
        }

        var services = touched.Where(t => t.Resource == ServiceDefinition.Instance.Resource).ToList();
        if (services.Count > 0 || news.From == ServiceNews.Whole)
        {
            _directory.Set(_copy.Services);
        }

        if (services.Count < touched.Count || news.From == ServiceNews.Whole)
        {
            Reach();
        }

        Name(services);
        _waiting.UnionWith(services);
        Write();
    }

    // One at a time; the newest nodes are taken when the one before is done.
    private void Reach()
    {
        if (_network is null || _isReaching)
        {
            _isReachStale = true;
            return;
        }

        (_isReaching, _isReachStale) = (true, false);
        IReadOnlyCollection<NodeRange> peers = [.. _copy.Nodes.Where(n => n.Name != _node).Select(Peer).OfType<NodeRange>()];
        _network.ReachAsync(peers, _host, _stopping.Token).PipeTo(Self, success: () => new Reached(null), failure: e => new Reached(e));
    }

    private static NodeRange? Peer(KubeObject node)
    {
        var whole = node.As<V1Node>();
        return IPNetwork.TryParse(whole.Spec?.PodCIDR, out var range) && IPAddress.TryParse((whole.Status?.Addresses ?? []).FirstOrDefault(a => a.Type == "InternalIP")?.Address, out var host)
            ? new NodeRange(node.Name, range, host) : null;
    }

    private void OnReached(Reached reached)
    {
        _isReaching = false;
        if (reached.Fault is { } fault)
        {
            if (_reachFault != fault.Message)
            {
                _log.Warn("Pods of other hosts are not reached as they should be", ("node", _node), ("error", fault.Message));
            }

            _reachFault = fault.Message;
            Timers.StartSingleTimer(ReachAgain.Instance, ReachAgain.Instance, Retry);
            return;
        }

        _reachFault = null;
        if (_isReachStale)
        {
            Reach();
        }
    }

    private void Name(IEnumerable<ObjectKey> touched)
    {
        if (_dns is not null)
        {
            _dns.Zone = _zone = touched.Aggregate(_zone, (zone, key) => zone.With(key.Namespace, key.Name, _copy.Find(key) is { } service ? DnsService.Of(service, _copy.SlicesOf(key)) : null));
        }
    }

    // One transaction at a time; what comes meanwhile goes into the next.
    private void Write()
    {
        if (_book is null || _isApplying || _copy.Source.Length == 0 || (_waiting.Count == 0 && !_isWhole))
        {
            return;
        }

        var changes = _waiting.Select(k => KeyValuePair.Create($"{k.Namespace}/{k.Name}", RulesOf(k))).ToList();
        _waiting.Clear();
        var text = _book.Change(changes);
        if (_isWhole)
        {
            // Whatever there is in the kernel: of the agent before, or half of what this one has failed to change.
            text = _book.Whole();
        }

        if (text.Length > 0)
        {
            _isApplying = true;
            _apply(text, _stopping.Token).PipeTo(Self, success: () => new Applied(null), failure: e => new Applied(e));
        }
    }

    private ServiceRules RulesOf(ObjectKey key) =>
        _copy.Find(key) is { } service && ServiceRoutes.Of(service, _copy.SlicesOf(key), _node) is { } route ? ServiceRules.Of(route, _pods) : ServiceRules.None;

    private void OnApplied(Applied applied)
    {
        _isApplying = false;
        _isWhole = applied.Fault is not null;
        if (applied.Fault is { } fault)
        {
            if (_fault != fault.Message)
            {
                _log.Warn("Services are not reached as they should be", ("node", _node), ("error", fault.Message));
            }

            _fault = fault.Message;
            Timers.StartSingleTimer(Again.Instance, Again.Instance, Retry);
            return;
        }

        if (_fault is not null)
        {
            _fault = null;
            _log.Inform("Services are reached as they should be again", ("node", _node));
        }

        Write();
    }

    private sealed record Ask { public static readonly Ask Instance = new(); }

    private sealed record Again { public static readonly Again Instance = new(); }

    private sealed record Applied(Exception? Fault);

    private sealed record Reached(Exception? Fault);

    private sealed record ReachAgain { public static readonly ReachAgain Instance = new(); }
}
