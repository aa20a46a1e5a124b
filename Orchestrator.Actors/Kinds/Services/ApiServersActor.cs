using Akka.Actor;
using Akka.Cluster;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Follows which control hosts live, so that the Service <c>default/kubernetes</c> leads to their API servers.</summary>
public sealed class ApiServersActor : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ApiServers _servers;

    /// <summary>Use <see cref="Props"/>.</summary>
    public ApiServersActor(ApiServers servers, Func<IActorRef> region)
    {
        _servers = servers;
        Receive<ClusterEvent.IClusterDomainEvent>(_ => Look(region));
        Receive<ClusterEvent.CurrentClusterState>(_ => Look(region));
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

    private void Look(Func<IActorRef> region)
    {
        var state = _cluster.State;
        if (_servers.Take(state.Members.Where(m => m.Status == MemberStatus.Up && !state.Unreachable.Contains(m)).SelectMany(m => m.Roles)))
        {
            region().Tell(new WakeObject(ServiceDefinition.Instance.Key("default", KubernetesService.Name), 0));
        }
    }
}
