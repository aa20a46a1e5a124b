using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Agent;

/// <summary>What becomes of parts of the agent that fail.</summary>
public sealed class AgentSupervisionSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_part_that_looks_after_the_node_begins_anew_and_a_worker_ends()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(TestActor)));
        Assert.Equal(["lasting", "worker"], ((string[])[ExpectMsg<string>(Bound), ExpectMsg<string>(Bound)]).Order());
        parent.Tell("lasting");
        ExpectMsg("lasting", Bound);
        parent.Tell("worker");
        ExpectMsg("worker ended", Bound);
        parent.Tell("lasting");
        ExpectMsg("lasting", Bound);
    }

    private sealed class Parent : ReceiveActor
    {
        private readonly ILoggingAdapter _log = Context.GetLogger();

        public Parent(IActorRef told)
        {
            foreach (var name in new[] { "lasting", "worker" })
            {
                Context.Watch(Context.ActorOf(Props.Create(() => new Part(told)), name));
            }

            Receive<string>(name => Context.Child(name).Tell("fail"));
            Receive<Terminated>(ended => told.Tell($"{ended.ActorRef.Path.Name} ended"));
        }

        protected override SupervisorStrategy SupervisorStrategy() => new AgentSupervision(_log, NodeDefinition.Instance.Key(null, "n"), ["lasting"]);
    }

    private sealed class Part : ReceiveActor
    {
        public Part(IActorRef told)
        {
            told.Tell(Self.Path.Name);
            Receive<string>(_ => throw new InvalidOperationException("a fault"));
        }
    }
}
