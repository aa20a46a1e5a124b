using System.Collections.Immutable;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Copies;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Node.Ingress;

/// <summary>Keeps a node's copy of the Ingresses that it serves, and makes of it what requests look at. Listens while there is one, and tells its parent whether it does. While no control host answers, everything stays as it is.</summary>
internal sealed class IngressActor : ReceiveActor, IWithTimers
{
    // What is forgotten of endpoints that are gone is looked for among all, so not with each change.
    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(30);
    private readonly IActorRef _services;
    private readonly IngressState _state;
    private readonly BackendConnections _connections = new();
    private readonly EndpointLoads _loads;
    private readonly IngressServer _server;
    private readonly Upkeep _listening;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ObjectCopy _copy = new();
    private readonly FeedFollowing _following;
    private readonly Dictionary<ObjectKey, (long Revision, ServerCertificate? Certificate)> _certificates = [];
    private ImmutableHashSet<ObjectKey> _watched = [];
    private Changed? _told;

    /// <summary>Use <see cref="Props"/>.</summary>
    public IngressActor(string node, IActorRef gateway, IActorRef services, IngressPorts ports, TimeProvider time)
    {
        _services = services;
        var parent = Context.Parent;
        _state = new IngressState(node, new(() => ServerCertificate.Untrusted(time.GetUtcNow())));
        _loads = new EndpointLoads(time, Random.Shared.Next);
        var requests = new IngressRequests(_state, new IngressForwarder(_connections, _loads), time, ports.Https, ended => Ended(ended, ports.LogsRequests));
        _server = new IngressServer(ports, requests.HandleAsync, _state.CertificateFor);
        _listening = new Upkeep(Self, this, ListenAsync,
            e => Tell(parent, new Changed(false, IngressNodes.NotListening, e.Message.TrimEnd('.'))),
            () => _log.Inform("The ports of the ingress are free again", ("node", node)),
            () => Tell(parent, _server.IsListening ? new Changed(true, "IngressListening", "the node serves Ingresses") : Changed.Nothing));
        _following = new FeedFollowing(gateway, this, () => _copy.Position, at => new FollowIngresses(at));
        Receive<FeedFollowing.Due>(due => due.Of.Ask());
        Receive<ObjectNews>(OnNews);
        Receive<ServiceSeen>(OnService);
        Receive<Tidy>(_ => _loads.Keep(_state.Now.Endpoints.Values.SelectMany(e => e.Addresses).ToHashSet()));
        Receive<ServiceProxyActor.BegunAnew>(_ => _services.Tell(new WatchServices(_watched)));
        Receive<Upkeep.Ended>(ended => ended.Of.Take(ended));
        Receive<Upkeep.Due>(due => due.Of.TakeDue());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="gateway">The gateway that gives the Ingresses.</param>
    /// <param name="services">The proxy, which knows the services.</param>
    /// <param name="ports">Where to listen.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(string node, IActorRef gateway, IActorRef services, IngressPorts ports, TimeProvider time) => Akka.Actor.Props.Create(() => new IngressActor(node, gateway, services, ports, time));

    /// <inheritdoc/>
    protected override void PreStart() => _following.Ask();

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason) => _following.AskAnew();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _ = _server.StopAsync().ContinueWith(_ => _connections.Dispose(), TaskScheduler.Default);
    }

    private void OnNews(ObjectNews news)
    {
        if (_copy.Take(news) is not { } changes)
        {
            _following.AskFor();
            return;
        }

        if (_copy.Source.Length == 0 || (changes.Count == 0 && news.From != ObjectNews.Whole))
        {
            return;
        }

        foreach (var gone in _certificates.Keys.Where(k => _copy.Find(k) is null).ToList())
        {
            _certificates.Remove(gone);
        }

        var plan = IngressPlan.Of(_copy.All, CertificateOf);
        _state.Take(plan);
        if (!_watched.SetEquals(plan.Services))
        {
            _watched = plan.Services;
            _services.Tell(new WatchServices(_watched));
        }

        _listening.Want();
    }

    private void OnService(ServiceSeen seen)
    {
        _state.Take(seen);
        if (!Timers.IsTimerActive(Tidy.Instance))
        {
            Timers.StartSingleTimer(Tidy.Instance, Tidy.Instance, TidyInterval);
        }

        _listening.Want();
    }

    // One that is wrong is told of by the control hosts.
    private ServerCertificate? CertificateOf(KubeObject secret)
    {
        if (!_certificates.TryGetValue(secret.Key, out var known) || known.Revision != secret.Revision)
        {
            _certificates[secret.Key] = known = (secret.Revision, Read(secret));
        }

        return known.Certificate;
    }

    private static ServerCertificate? Read(KubeObject secret)
    {
        try
        {
            return TlsCertificate.Read(secret.As<V1Secret>()).Certificate is { } certificate ? ServerCertificate.Of(certificate) : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private Task ListenAsync() => _state.Now.Plan.IsEmpty ? _server.IsListening || _listening.HasFailed ? LaterAsync(_server.StopAsync) : Task.CompletedTask
        : _server.IsListening ? Task.CompletedTask : LaterAsync(() => _server.StartAsync(_stopping.Token));

    // What is done already is nothing that anybody is told of.
    private static async Task LaterAsync(Func<Task> run)
    {
        await Task.Yield();
        await run().ConfigureAwait(false);
    }

    private void Tell(IActorRef parent, Changed changed)
    {
        if (changed != _told)
        {
            _told = changed;
            parent.Tell(changed);
        }
    }

    // Called by requests.
    private void Ended(AnsweredRequest request, bool isLogged)
    {
        IngressInstruments.Answered(request.Route, request.Code, request.Took);
        if (request.Fault is { } fault)
        {
            _log.Fail(fault, "A request could not be answered", ("host", request.Host), ("path", request.Path), ("ingress", request.Route?.Ingress));
        }

        if (isLogged)
        {
            _log.Inform("Request", ("method", request.Method), ("host", request.Host), ("path", request.Path), ("status", request.Code), ("bytes", request.Bytes),
                ("milliseconds", Math.Round(request.Took.TotalMilliseconds, 1)), ("ingress", request.Route?.Ingress), ("upstream", request.Upstream), ("error", request.Obstacle));
        }
    }

    /// <summary>The node serves Ingresses, or does not.</summary>
    /// <param name="IsReady">Whether it does.</param>
    /// <param name="Reason">One word.</param>
    /// <param name="Message">A sentence.</param>
    internal sealed record Changed(bool IsReady, string Reason, string Message)
    {
        /// <summary>There is nothing to serve.</summary>
        public static readonly Changed Nothing = new(false, "NoIngress", "the node has no Ingress to serve");
    }

    private sealed record Tidy { public static readonly Tidy Instance = new(); }
}
