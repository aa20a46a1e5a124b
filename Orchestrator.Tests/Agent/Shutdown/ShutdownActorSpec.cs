using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Shutdown;

/// <summary>A machine that shuts down between an agent that the spec plays and whoever waits for it; timers move by hand.</summary>
public sealed class ShutdownActorSpec() : TestKit(ControlledTime.Config)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ControlledTime _time = new();
    private readonly NodeShutdown _shutdown = new(new ShutdownSettings(ShutdownSettings.Simple(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10)), false));

    [Fact]
    public async Task Pods_end_in_order_and_whoever_waits_goes_on_when_the_last_has_ended()
    {
        var (actor, agent) = await StartAsync();
        var waits = _shutdown.BeginAsync();
        Assert.True(agent.ExpectMsg<ShutdownActor.Changed>(Bound).IsShuttingDown);
        agent.ExpectMsg<ShutdownActor.GetPods>(Bound);
        agent.Reply(new ShutdownActor.Pods([Pod("a", 0), Pod("b", 0), Pod("dns", 2_000_000_000)]));
        Assert.Equal(["a", "b"], new[] { agent.ExpectMsg<ShutdownActor.End>(Bound), agent.ExpectMsg<ShutdownActor.End>(Bound) }.Select(e => e.PodUid));
        actor.Tell(new ShutdownActor.PodEnded("a"));
        actor.Tell(new ShutdownActor.PodEnded("stranger"));
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(19), actor);
        agent.ExpectNoMsg(TimeSpan.Zero);

        // Somebody who does not end does not take the time of others.
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(1), actor);
        var last = agent.ExpectMsg<ShutdownActor.End>(Bound);
        Assert.Equal(("dns", 10.0), (last.PodUid, last.Why.Grace!.Value.TotalSeconds));
        Assert.False(waits.IsCompleted);
        actor.Tell(new ShutdownActor.PodEnded("dns"));
        await waits.WaitAsync(Bound);
    }

    [Fact]
    public async Task A_shutdown_that_is_called_off_lets_the_node_take_pods_again()
    {
        var (actor, agent) = await StartAsync();
        _ = _shutdown.BeginAsync();
        agent.ExpectMsg<ShutdownActor.Changed>(Bound);
        agent.ExpectMsg<ShutdownActor.GetPods>(Bound);
        _shutdown.Cancel();
        Assert.False(agent.ExpectMsg<ShutdownActor.Changed>(Bound).IsShuttingDown);
        actor.Tell(new ShutdownActor.Pods([Pod("a", 0)]));
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(60), actor);
        agent.ExpectNoMsg(TimeSpan.Zero);
        _ = _shutdown.BeginAsync();
        Assert.True(agent.ExpectMsg<ShutdownActor.Changed>(Bound).IsShuttingDown);
    }

    [Fact]
    public async Task A_node_without_pods_and_a_host_without_nodes_keep_nobody_waiting()
    {
        await _shutdown.BeginAsync().WaitAsync(Bound);
        var (_, agent) = await StartAsync();
        Assert.True(agent.ExpectMsg<ShutdownActor.Changed>(Bound).IsShuttingDown);
        _shutdown.Cancel();
        agent.FishForMessage(m => m is ShutdownActor.Changed { IsShuttingDown: false }, Bound);
        var waits = _shutdown.BeginAsync();
        agent.FishForMessage(m => m is ShutdownActor.GetPods, Bound);
        agent.Reply(new ShutdownActor.Pods([]));
        await waits.WaitAsync(Bound);
    }

    private async Task<(IActorRef Actor, TestProbe Agent)> StartAsync()
    {
        var agent = CreateTestProbe();
        var services = new AgentServices("n1", "10.0.0.9", new FakeRuntime(_time.Clock), "fake", ActorRefs.Nobody, TestActor, "/nowhere", _time.Clock, new SemaphoreSlim(1), new Dictionary<string, string>(),
            "here", new AgentReadiness(["n1"]));
        var actor = agent.ChildActorOf(ShutdownActor.Props(services, _shutdown));
        await _time.PassAsync(Sys, TimeSpan.FromMilliseconds(1), actor);
        return (actor, agent);
    }

    private static KubeObject Pod(string name, int priority) => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},"spec":{"priority":{{priority}},"containers":[{"name":"main","image":"i"}]} }
        """)!);
}
