using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Tests.Agent.Kills;

/// <summary>Tells whichever agent is attached of one pod, as <see cref="NodeGatewayActor"/> does of all.</summary>
internal sealed class OnePodGateway : ReceiveActor
{
    private IActorRef _region = ActorRefs.Nobody;
    private IActorRef _agent = ActorRefs.Nobody;
    private KubeObject? _pod;

    public OnePodGateway(ObjectKey key)
    {
        Receive<IActorRef>(region => _region = region);
        Receive<Committed>(committed => _region.Tell(new GetObject(key, "gateway")), committed => committed.PersistenceId == key.PersistenceId);
        Receive<Committed>(_ => { });
        Receive<CommandReply>(reply =>
        {
            var gone = _pod?.Uid;
            _pod = reply.Object;
            _agent.Tell(_pod is { } pod ? new DesiredPods([pod], [], false) : new DesiredPods([], gone is null ? [] : [gone], false));
        });
        Receive<AttachAgent>(attach =>
        {
            _agent = Sender;
            _agent.Tell(new DesiredPods(_pod is null ? [] : [_pod], [.. attach.Held.Keys.Where(uid => uid != _pod?.Uid)], true));
        });
    }

    public static Props Props(ObjectKey key) => Akka.Actor.Props.Create(() => new OnePodGateway(key));
}
