using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.StorageLimits;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.StorageLimits;

/// <summary>The slow pass over pods with limits, between an agent and a meter that the spec plays; time moves by hand.</summary>
public sealed class StorageLimitsActorSpec() : TestKit(ControlledTime.Config), IPodMeter
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private readonly ControlledTime _time = new();
    private readonly List<string> _walked = [];
    private long _bytes;
    private TimeSpan _took;

    [Fact]
    public async Task A_pod_that_takes_more_than_it_may_is_evicted_and_only_pods_with_limits_are_looked_at()
    {
        var (limits, agent) = Start();
        await NextAsync(limits, agent, Period);
        agent.ExpectNoMsg(TimeSpan.Zero);
        _bytes = 1 << 21;
        await NextAsync(limits, agent, Period);
        var evict = agent.ExpectMsg<EvictionActor.Evict>(Bound);
        Assert.Equal(("limited", "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\"."), (evict.PodUid, evict.Why.Message));
        Assert.Equal(("Evicted", "Evicted", true, true), (evict.Event.Reason, evict.Why.Reason, evict.Why.IsDisruption, evict.Why.ReleasesContent));
        Assert.Equal(["limited", "limited"], _walked);
    }

    [Fact]
    public async Task A_pass_that_takes_long_makes_the_next_one_wait()
    {
        var (limits, agent) = Start();
        _took = TimeSpan.FromSeconds(20);
        await NextAsync(limits, agent, Period);
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(179), limits);
        agent.ExpectNoMsg(TimeSpan.Zero);
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(1), limits);
        agent.ExpectMsg<EvictionActor.GetPods>(Bound);
    }

    [Fact]
    public async Task An_agent_that_does_not_answer_is_asked_again()
    {
        var (limits, agent) = Start();
        for (var i = 0; i < 3; i++)
        {
            await _time.PassAsync(Sys, Period, limits);
            agent.ExpectMsg<EvictionActor.GetPods>(Bound);
        }
    }

    Task<IReadOnlyDictionary<string, PodUse>> IPodMeter.RunningAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation) => throw new NotSupportedException();

    Task<IReadOnlyDictionary<string, PodUse>> IPodMeter.DiskAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation)
    {
        _walked.AddRange(pods.Select(p => p.Uid));
        _time.Clock.Advance(_took);
        return Task.FromResult<IReadOnlyDictionary<string, PodUse>>(pods.ToDictionary(p => p.Uid, _ => new PodUse([], ImmutableDictionary<string, DiskUse>.Empty.Add("v", new DiskUse(_bytes, 1)))));
    }

    private (IActorRef Limits, TestProbe Agent) Start()
    {
        var agent = CreateTestProbe();
        var services = new AgentServices("n1", "10.0.0.9", new FakeRuntime(_time.Clock), "fake", ActorRefs.Nobody, TestActor, "/nowhere", _time.Clock, new SemaphoreSlim(1), new Dictionary<string, string>(),
            "here", new AgentReadiness(["n1"]));
        return (agent.ChildActorOf(StorageLimitsActor.Props(services, this)), agent);
    }

    private async Task NextAsync(IActorRef limits, TestProbe agent, TimeSpan after)
    {
        await _time.PassAsync(Sys, after, limits);
        await agent.ExpectMsgAsync<EvictionActor.GetPods>(Bound);
        agent.Reply(new EvictionActor.Pods([Pod("limited", """{"sizeLimit":"1Mi"}"""), Pod("other", "{}")]));
        await _time.PassAsync(Sys, TimeSpan.Zero, limits);
    }

    private static KubeObject Pod(string name, string emptyDir) => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},
         "spec":{"volumes":[{"name":"v","emptyDir":{{emptyDir}} }],"containers":[{"name":"main","image":"i"}]} }
        """)!);
}
