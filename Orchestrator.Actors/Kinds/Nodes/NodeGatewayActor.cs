using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>The singleton that sends each node agent the pods bound to its node, and sets the node's conditions to Unknown when its agent is lost.</summary>
/// <remarks>Whether an agent is alive is decided by Akka's failure detector for its host. Nothing is journaled while it is.</remarks>
public sealed class NodeGatewayActor : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    private const string By = "system:node-gateway";
    private readonly ObjectCache _cache;
    private readonly CommandOutbox<string> _commands;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly Dictionary<string, (IActorRef Actor, string Installation)> _agents = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IDisposable? _feed;
    private IActorRef _services = ActorRefs.Nobody;
    private IActorRef _policies = ActorRefs.Nobody;
    private IActorRef _ingresses = ActorRefs.Nobody;
    private bool _hasCaughtUp;

    /// <summary>Use <see cref="Props"/>.</summary>
    public NodeGatewayActor(ObjectCache cache, Func<IActorRef> region, IAccountTokens tokens, TimeProvider time, TimeSpan patience)
    {
        _cache = cache;
        _time = time;
        _patience = patience;
        _commands = new CommandOutbox<string>(region, new OutboxOwner(Self, this, time, _log), ObjectCommand.ReplyBound, RetryPolicy.Default);
        Receive<FeedBatch>(OnBatch);
        Receive<AttachAgent>(Attach);
        Receive<FollowServices>(follow => _services.Forward(follow), _ => _hasCaughtUp);
        Receive<FollowServices>(_ => Stash.Stash());
        Receive<FollowPolicies>(follow => _policies.Forward(follow), _ => _hasCaughtUp);
        Receive<FollowPolicies>(_ => Stash.Stash());
        Receive<FollowIngresses>(follow => _ingresses.Forward(follow), _ => _hasCaughtUp);
        Receive<FollowIngresses>(_ => Stash.Stash());
        Receive<CaughtUp>(_ =>
        {
            _hasCaughtUp = true;
            Stash.UnstashAll();
        });
        Receive<Behind>(behind =>
        {
            _log.Warn("Agents get no pods yet, because the cache does not reach the journal", ("error", behind.Why.Message));
            CatchUp();
        });
        Receive<ToNode>(message =>
        {
            if (_agents.TryGetValue(message.Node, out var agent))
            {
                agent.Actor.Forward(message.Message);
            }
            else
            {
                Sender.Tell(new NodeUnreachable(message.Node));
            }
        });
        Receive<RequestPodTokens>(wanted => Sender.Tell(IsHostOf(wanted.Node, Sender) ? PodTokenIssue.Answer(wanted, _cache, tokens, _time.GetUtcNow()) : PodTokenIssue.Stranger(wanted)));
        Receive<Terminated>(dead => Lose(agent => agent.Equals(dead.ActorRef)));
        Receive<ClusterEvent.UnreachableMember>(gone => Lose(agent => agent.Path.Address.Equals(gone.Member.Address)));
        Receive<ClusterEvent.ReachabilityEvent>(_ => { });
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<LookForLost>(_ => MarkLost(_cache.Snapshot(NodeDefinition.Instance).Objects.Select(n => n.Name)));
        Receive<LookAgain>(look => MarkLost([look.Node]));
        Receive<CommandReply>(reply =>
        {
            // The last report of the agent may arrive after its node was marked.
            if (_commands.Take(reply) is { AgainIn: null } marked)
            {
                Timers.StartSingleTimer(marked.About, new LookAgain(marked.About), ObjectCommand.ReplyBound);
            }
        });
        Receive<CommandsDue>(_ => MarkLost(_commands.TakeDue().Again));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="cache">The cache of pods and nodes.</param>
    /// <param name="region">The shard region of all entities.</param>
    /// <param name="tokens">Issues the tokens of pods.</param>
    /// <param name="time">The clock.</param>
    /// <param name="patience">Time for agents to attach after this actor starts, before their nodes are marked as lost.</param>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, IAccountTokens tokens, TimeProvider time, TimeSpan patience) =>
        Akka.Actor.Props.Create(() => new NodeGatewayActor(cache, region, tokens, time, patience));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch => self.Tell(batch));
        var source = $"{Cluster.Get(Context.System).SelfUniqueAddress}/{Self.Path.Uid}";
        _services = Context.ActorOf(ServiceFeedActor.Props(_cache, source), "services");
        _policies = Context.ActorOf(PolicyFeedActor.Props(_cache, source), "policies");
        _ingresses = Context.ActorOf(IngressFeedActor.Props(_cache, source), "ingresses");
        Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartSingleTimer(LookForLost.Instance, LookForLost.Instance, _patience);
        CatchUp();
    }

    // The gateway of another host may have told agents of pods that this host's cache has not seen. To a cache that is behind, they would look gone,
    // and the agents would remove what runs.
    private void CatchUp() =>
        _cache.SnapshotAsync(PodDefinition.Instance, CancellationToken.None).PipeTo(Self, success: _ => CaughtUp.Instance, failure: e => new Behind(e));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _feed?.Dispose();
        Cluster.Get(Context.System).Unsubscribe(Self);
    }

    private void Attach(AttachAgent attach)
    {
        if (!_hasCaughtUp)
        {
            Stash.Stash();
            return;
        }

        if (!_agents.TryGetValue(attach.Node, out var known) || !known.Actor.Equals(Sender))
        {
            if (known.Actor is not null)
            {
                if (known.Installation != attach.Installation)
                {
                    Sender.Tell(new AttachRefused(attach.Node, NodeIdentity.Taken(attach.Node, known.Installation)));
                    return;
                }

                Context.Unwatch(known.Actor);
            }
            else if (_cache.Snapshot(NodeDefinition.Instance).Find("", attach.Node) is { } node && NodeIdentity.Refusal(node, attach.Installation) is { } why)
            {
                // The host of the node may be about to attach again, to this gateway.
                Sender.Tell(new AttachRefused(attach.Node, why));
                return;
            }

            _agents[attach.Node] = (Context.Watch(Sender), attach.Installation);
        }

        Sender.Tell(NodeFeed.Answer(attach, _cache));
    }

    // By who sent it and not by what it says: the host of the node's agent may ask for the pods of this node, and for no others.
    private bool IsHostOf(string node, IActorRef sender) => _agents.TryGetValue(node, out var agent) && agent.Actor.Path.Address.Equals(sender.Path.Address);

    private void OnBatch(FeedBatch batch)
    {
        foreach (var (node, news) in NodeFeed.Of(batch, _cache, _agents.ContainsKey))
        {
            _agents[node].Actor.Tell(news);
        }
    }

    private void Lose(Func<IActorRef, bool> isLost)
    {
        foreach (var (node, agent) in _agents.Where(a => isLost(a.Value.Actor)).ToList())
        {
            _agents.Remove(node);
            Context.Unwatch(agent.Actor);
            _log.Warn("The agent of the node is lost", ("object", NodeDefinition.Instance.Key(null, node)));
            MarkLost([node]);
        }
    }

    // Marks nodes without an agent as lost, unless the cache shows them as lost already.
    private void MarkLost(IEnumerable<string> names)
    {
        foreach (var name in names.Where(n => !_agents.ContainsKey(n)))
        {
            if (_cache.Snapshot(NodeDefinition.Instance).Find("", name) is { } node && NodeConditions.Lost(node, By, _time.GetUtcNow()) is { } lost)
            {
                _commands.Send(name, lost);
            }
        }
    }

    private sealed record Behind(Exception Why);

    private sealed record CaughtUp { public static readonly CaughtUp Instance = new(); }

    private sealed record LookAgain(string Node);

    private sealed record LookForLost { public static readonly LookForLost Instance = new(); }
}
