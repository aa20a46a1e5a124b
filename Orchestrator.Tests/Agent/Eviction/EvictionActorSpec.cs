using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Eviction;

/// <summary>A node whose samples the spec hands in, between an agent and a region that the spec plays; time moves by hand.</summary>
public sealed class EvictionActorSpec() : TestKit(ControlledTime.Config)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private readonly ControlledTime _time = new();
    private readonly FakeNode _node = new();
    private Action? _stall;

    [Fact]
    public async Task A_node_that_is_short_of_memory_says_so_and_evicts_one_pod_after_the_other()
    {
        var (eviction, agent) = await StartAsync();
        agent.ExpectNoMsg(TimeSpan.Zero);
        _node[EvictionSignal.MemoryAvailable] = 5;
        await _time.PassAsync(Sys, Period, eviction);
        Assert.Equal([NodePressure.Memory], agent.ExpectMsg<EvictionActor.PressuresChanged>(Bound).Pressures);
        agent.ExpectMsg<EvictionActor.GetPods>(Bound);
        Assert.Equal("EvictionThresholdMet", ExpectMsg<MergeObject>(Bound).RecordedEvents.Single().Reason);
        agent.Reply(Pods("small", "big"));
        var first = agent.ExpectMsg<EvictionActor.Evict>(Bound);
        Assert.Equal("big", first.PodUid);
        Assert.Contains("at 2026-01-02T03:04:15Z", first.Event.Message, StringComparison.Ordinal);

        // While it is not gone, no other has to go.
        await _time.PassAsync(Sys, Period, eviction);
        agent.ExpectNoMsg(TimeSpan.Zero);

        // When it is gone and there is too little still, the next one goes without waiting.
        eviction.Tell(new PodWorkerActor.ContentReleased("big"));
        agent.ExpectMsg<EvictionActor.GetPods>(Bound);
        agent.Reply(Pods("small"));
        Assert.Equal("small", agent.ExpectMsg<EvictionActor.Evict>(Bound).PodUid);

        _node[EvictionSignal.MemoryAvailable] = 50;
        eviction.Tell(new PodWorkerActor.ContentReleased("small"));
        await _time.UntilAsync(Sys, Period, () => agent.HasMessages, eviction);
        Assert.Empty(agent.ExpectMsg<EvictionActor.PressuresChanged>(Bound).Pressures);
        Assert.True(_time.Clock.GetUtcNow() - _time.Clock.Start >= TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_pod_that_does_not_go_does_not_hold_up_the_next_one_for_ever()
    {
        var (eviction, agent) = await StartAsync();
        _node[EvictionSignal.MemoryAvailable] = 5;
        await _time.PassAsync(Sys, Period, eviction);
        agent.FishForMessage(m => m is EvictionActor.GetPods, Bound);
        agent.Reply(Pods("big"));
        agent.ExpectMsg<EvictionActor.Evict>(Bound);
        await _time.UntilAsync(Sys, Period, () => agent.HasMessages, eviction);
        agent.ExpectMsg<EvictionActor.GetPods>(Bound);
        Assert.InRange(_time.Clock.GetUtcNow() - _time.Clock.Start, TimeSpan.FromSeconds(41), TimeSpan.FromSeconds(51));
    }

    [Fact]
    public async Task What_nobody_needs_goes_from_a_full_disk_before_a_pod_does()
    {
        var (eviction, agent) = await StartAsync();
        _node[EvictionSignal.NodefsAvailable] = 5;
        await _time.PassAsync(Sys, Period, eviction);
        Assert.Equal([NodePressure.Disk], agent.ExpectMsg<EvictionActor.PressuresChanged>(Bound).Pressures);
        agent.ExpectMsg<EvictionActor.ReclaimDisk>(Bound);

        // While that is under way, nothing else is done.
        await _time.PassAsync(Sys, Period, eviction);
        agent.ExpectNoMsg(TimeSpan.Zero);
        eviction.Tell(new ImageCollectorActor.Freed(0));
        await _time.PassAsync(Sys, Period, eviction);
        agent.ExpectMsg<EvictionActor.GetPods>(Bound);
        agent.Reply(Pods("small", "big"));
        Assert.Equal("big", agent.ExpectMsg<EvictionActor.Evict>(Bound).PodUid);
        Assert.True(_node.HasWalked);
    }

    [Fact]
    public async Task A_disk_on_which_enough_could_be_freed_costs_no_pod()
    {
        var (eviction, agent) = await StartAsync();
        _node[EvictionSignal.NodefsAvailable] = 5;
        await _time.PassAsync(Sys, Period, eviction);
        agent.FishForMessage(m => m is EvictionActor.ReclaimDisk, Bound);
        _node[EvictionSignal.NodefsAvailable] = 50;
        agent.Reply(new ImageCollectorActor.Freed(45));
        await _time.PassAsync(Sys, Period, eviction);
        await _time.PassAsync(Sys, Period, eviction);
        agent.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_node_whose_processes_wait_for_memory_is_looked_at_at_once()
    {
        var (_, agent) = await StartAsync();
        _node[EvictionSignal.MemoryAvailable] = 5;
        _stall!();
        agent.ExpectMsg<EvictionActor.PressuresChanged>(Bound);
    }

    [Fact]
    public async Task A_sample_that_fails_is_taken_again()
    {
        var (eviction, agent) = await StartAsync();
        _node.Fault = new IOException("the file system does not answer");
        await _time.PassAsync(Sys, Period, eviction);
        _node.Fault = null;
        _node[EvictionSignal.MemoryAvailable] = 5;
        await _time.PassAsync(Sys, Period, eviction);
        agent.ExpectMsg<EvictionActor.PressuresChanged>(Bound);
    }

    private async Task<(IActorRef Eviction, TestProbe Agent)> StartAsync()
    {
        var agent = CreateTestProbe();
        var services = new AgentServices("n1", "10.0.0.9", new FakeRuntime(_time.Clock), "fake", ActorRefs.Nobody, TestActor, "/nowhere", _time.Clock, new SemaphoreSlim(1), new Dictionary<string, string>(),
            "here", new AgentReadiness(["n1"]));
        _node.Time = _time.Clock;
        var settings = new EvictionSettings([new(EvictionSignal.MemoryAvailable, new EvictionAmount(10)), new(EvictionSignal.NodefsAvailable, new EvictionAmount(0, 10))], TimeSpan.Zero, TimeSpan.FromMinutes(5));
        var eviction = agent.ChildActorOf(EvictionActor.Props(services, new EvictionKeeping(settings, _node, _node)
        {
            Stalls = onStall =>
            {
                _stall = onStall;
                return null;
            },
        }));
        await _time.PassAsync(Sys, TimeSpan.FromMilliseconds(1), eviction);
        return (eviction, agent);
    }

    private static EvictionActor.Pods Pods(params string[] names) => new([.. names.Select(n => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{n}}","namespace":"default","uid":"{{n}}"},"spec":{"containers":[{"name":"main","image":"i"}]} }
        """)!))]);

    private sealed class FakeNode : INodeSampler, IPodMeter
    {
        private ImmutableDictionary<EvictionSignal, SignalReading> _readings = EvictionWords.Signals.ToImmutableDictionary(s => s, _ => new SignalReading(100, 100));

        public TimeProvider Time { get; set; } = TimeProvider.System;

        public Exception? Fault { get; set; }

        public bool HasWalked { get; private set; }

        public long this[EvictionSignal signal]
        {
            set => _readings = _readings.SetItem(signal, new SignalReading(value, 100));
        }

        public Task<NodeSample> SampleAsync(CancellationToken cancellation) => Fault is { } fault ? Task.FromException<NodeSample>(fault) : Task.FromResult(new NodeSample(Time.GetUtcNow(), _readings));

        public Task<IReadOnlyDictionary<string, PodUse>> RunningAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation) => Task.FromResult(Uses(pods));

        public Task<IReadOnlyDictionary<string, PodUse>> DiskAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation)
        {
            HasWalked = true;
            return Task.FromResult(Uses(pods));
        }

        private static IReadOnlyDictionary<string, PodUse> Uses(IReadOnlyCollection<KubeObject> pods) =>
            pods.ToDictionary(p => p.Uid, p => PodUse.None with { Containers = [new ContainerUse("main", p.Name == "big" ? 90 : 10, 1, new DiskUse(p.Name == "big" ? 90 : 10, 1))] });
    }
}
