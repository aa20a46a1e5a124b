using Akka.Actor;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Tests.Agent.Kills;

/// <summary>One agent's way to the control plane: entities and gateway. Once the agent is dead, nothing passes.</summary>
internal sealed class KillableRegion : ReceiveActor
{
    public KillableRegion(IActorRef region, IActorRef gateway, KillPoint point, AgentLife life)
    {
        Receive<ObjectCommand>(command =>
        {
            // How often an agent looks at its own node is a matter of time.
            var (dies, arrives) = life.IsOver ? (true, false)
                : command is GetObject ? (false, true) : point.Ask($"{command.GetType().Name} {(command as MergeObject)?.Verb} {command.Key.Resource}");
            if (dies)
            {
                life.End();
            }

            if (arrives)
            {
                region.Tell(command, dies ? ActorRefs.Nobody : Sender);
            }
        });
        Receive<AttachAgent>(attach =>
        {
            if (!life.IsOver)
            {
                gateway.Forward(attach);
            }
        });
    }

    public static Props Props(IActorRef region, IActorRef gateway, KillPoint point, AgentLife life) => Akka.Actor.Props.Create(() => new KillableRegion(region, gateway, point, life));
}
