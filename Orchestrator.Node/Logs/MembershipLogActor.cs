using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Logs;

/// <summary>Logs which hosts join and leave the cluster, and which do not answer.</summary>
internal sealed class MembershipLogActor : UntypedActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <inheritdoc/>
    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.MemberUp up:
                Tell(_log.Inform, "A host joined the cluster", up.Member);
                break;
            case ClusterEvent.UnreachableMember lost:
                Tell(_log.Warn, "A host does not answer", lost.Member);
                break;
            case ClusterEvent.ReachableMember back:
                Tell(_log.Inform, "A host answers again", back.Member);
                break;
            case ClusterEvent.MemberRemoved { PreviousStatus: MemberStatus.Down } removed:
                Tell(_log.Inform, "A host that did not answer was removed from the cluster", removed.Member);
                break;
            case ClusterEvent.MemberRemoved left:
                Tell(_log.Inform, "A host left the cluster", left.Member);
                break;
        }
    }

    private void Tell(Action<string, (string, object?)[]> log, string what, Member member)
    {
        if (member.UniqueAddress != _cluster.SelfUniqueAddress)
        {
            log(what, [("host", $"{member.Address.Host}:{member.Address.Port}"), ("roles", string.Join(',', member.Roles.Where(r => !ApiServers.IsRole(r)).Order(StringComparer.Ordinal)))]);
        }
    }
}
