using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Follows which control hosts live, so that the Service <c>default/kubernetes</c> leads to their API servers.</summary>
public sealed class ApiServersActor : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ApiServers _servers;

    // Of the events themselves: what the cluster says when it is asked may be older than they are.
    private ImmutableHashSet<Member> _members = [];
    private ImmutableHashSet<UniqueAddress> _unreachable = [];

    /// <summary>Use <see cref="Props"/>.</summary>
    public ApiServersActor(ApiServers servers, Func<IActorRef> region)
    {
        _servers = servers;
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            _members = [.. state.Members];
            _unreachable = [.. state.Unreachable.Select(m => m.UniqueAddress)];
            Look(region);
        });
        Receive<ClusterEvent.IMemberEvent>(e => Follow(() => _members = e is ClusterEvent.MemberRemoved ? Without(e.Member) : Without(e.Member).Add(e.Member), region));
        Receive<ClusterEvent.UnreachableMember>(e => Follow(() => _unreachable = _unreachable.Add(e.Member.UniqueAddress), region));
        Receive<ClusterEvent.ReachableMember>(e => Follow(() => _unreachable = _unreachable.Remove(e.Member.UniqueAddress), region));
    }

    /// <summary>Creates the actor's props.</summary>
    /// <param name="servers">What is found is written here.</param>
    /// <param name="region">The shard region of all entities.</param>
    public static Props Props(ApiServers servers, Func<IActorRef> region) => Akka.Actor.Props.Create(() => new ApiServersActor(servers, region));

    /// <inheritdoc/>
    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Follow(Action change, Func<IActorRef> region)
    {
        change();
        Look(region);
    }

    private ImmutableHashSet<Member> Without(Member member) => [.. _members.Where(m => !m.UniqueAddress.Equals(member.UniqueAddress))];

    private void Look(Func<IActorRef> region)
    {
        if (_servers.Take(_members.Where(m => m.Status == MemberStatus.Up && !_unreachable.Contains(m.UniqueAddress)).SelectMany(m => m.Roles)))
        {
            region().Tell(new WakeObject(ServiceDefinition.Instance.Key("default", KubernetesService.Name), 0));
        }
    }
}
