using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Node.Agent;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Pods;

/// <summary>Pods of a node with 4 CPUs that ask for more than the others leave: the agent and its workers are the real ones.</summary>
public sealed class ResizeRoomSpec() : TestKit(ConfigurationFactory.ParseString("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\""))
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_pod_that_waits_is_given_what_a_pod_leaves_that_has_ended()
    {
        var (runtime, agent, gateway) = await WaitingAsync();
        agent.Tell(new DesiredPods([Pod("b", 2000, 30, "Succeeded")], [], false), gateway);
        await HasAsync(runtime, "a", 2500);
    }

    [Fact]
    public async Task A_pod_that_waits_is_given_what_a_pod_leaves_that_has_less_now()
    {
        var (runtime, agent, gateway) = await WaitingAsync();
        agent.Tell(new DesiredPods([Pod("b", 1000, 30)], [], false), gateway);
        await HasAsync(runtime, "b", 1000);
        await HasAsync(runtime, "a", 2500);
    }

    [Fact]
    public async Task What_has_ended_does_not_count()
    {
        var (runtime, agent, gateway) = Begin();
        agent.Tell(new DesiredPods([Pod("a", 500, 10), Pod("b", 2000, 10, "Succeeded")], [], true), gateway);
        await HasAsync(runtime, "a", 500);
        agent.Tell(new DesiredPods([Pod("a", 2500, 20)], [], false), gateway);
        await HasAsync(runtime, "a", 2500);
    }

    [Fact]
    public async Task Room_that_nobody_told_of_is_found_by_the_slow_pass()
    {
        var (runtime, agent, gateway) = await WaitingAsync();
        runtime.End("b", "main", 0);
        await Poll.UntilAsync(() =>
        {
            Advance(SlowPass.Step);
            return Task.FromResult(runtime.Calls.Contains("stop sandbox"));
        }, Bound, () => "b is seen to have ended");

        // It does not run, so it asks for nothing.
        agent.Tell(new DesiredPods([Pod("b", 1000, 30)], [], false), gateway);
        for (var passed = TimeSpan.Zero; passed < SlowPass.Length + (2 * SlowPass.Step); passed += SlowPass.Step)
        {
            Advance(SlowPass.Step);
        }

        await HasAsync(runtime, "a", 2500);
    }

    [Fact]
    public async Task An_engine_that_takes_a_change_and_makes_none_is_asked_again_later_and_the_status_says_so()
    {
        var region = CreateTestProbe();
        var (runtime, agent, gateway) = Begin(region, discards: true);
        agent.Tell(new DesiredPods([Pod("a", 500, 10)], [], true), gateway);
        await HasAsync(runtime, "a", 500);
        agent.Tell(new DesiredPods([Pod("a", 600, 20)], [], false), gateway);
        await Poll.UntilAsync(() =>
        {
            Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(runtime.Calls.Count(c => c == "resize main") >= 3);
        }, Bound, () => "it is asked again");
        Assert.InRange(runtime.Calls.Count(c => c == "resize main"), 3, 4);
        Assert.Contains(region.ReceiveWhile<object>(m => m, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200)).OfType<MergeObject>(), m => m.Key.Resource == "pods" && m.Patch["status"]?["conditions"] is JsonArray all
            && all.Any(c => (string?)c!["type"] == "PodResizeInProgress" && (string?)c["reason"] == "Error" && ((string?)c["message"])!.Contains("took the change", StringComparison.Ordinal)));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private async Task<(FakeRuntime Runtime, IActorRef Agent, TestProbe Gateway)> WaitingAsync()
    {
        var region = CreateTestProbe();
        var (runtime, agent, gateway) = Begin(region);
        agent.Tell(new DesiredPods([Pod("a", 500, 10), Pod("b", 2000, 10)], [], true), gateway);
        await HasAsync(runtime, "a", 500);
        await HasAsync(runtime, "b", 2000);
        agent.Tell(new DesiredPods([Pod("a", 2500, 20)], [], false), gateway);
        await Poll.UntilAsync(() =>
        {
            Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(region.ReceiveOne(TimeSpan.FromMilliseconds(50)) is MergeObject { Key.Name: "a" } report && report.Patch["status"]?["conditions"] is JsonArray all
                && all.Any(c => (string?)c!["reason"] == "Deferred"));
        }, Bound, () => "a waits");
        return (runtime, agent, gateway);
    }

    private (FakeRuntime Runtime, IActorRef Agent, TestProbe Gateway) Begin(TestProbe? reports = null, bool discards = false)
    {
        var (gateway, runtime) = (CreateTestProbe(), new FakeRuntime(_clock) { DiscardsResources = discards });
        var entities = Sys.ActorOf(FakeRegion.Props(CreateTestProbe(), TimeProvider.System));
        var region = reports ?? CreateTestProbe();
        region.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is ObjectCommand { Key.Resource: "nodes" })
            {
                entities.Tell(message, sender);
            }

            return AutoPilot.KeepRunning;
        }));
        var agent = Sys.ActorOf(NodeAgentActor.Props(new AgentServices("n1", "10.0.0.9", runtime, "fake", gateway, region, _folder.Path, _clock,
            new SemaphoreSlim(4), new Dictionary<string, string>(), "here", new AgentReadiness(["n1"]))));
        gateway.ExpectMsg<AttachAgent>(Bound);
        return (runtime, agent, gateway);
    }

    private Task HasAsync(FakeRuntime runtime, string uid, long milliCpu) => Poll.UntilAsync(async () =>
    {
        Advance(TimeSpan.FromSeconds(1));
        return (await runtime.FindAsync(uid, CancellationToken.None))?.Containers.SingleOrDefault()?.Resources?.MilliCpuRequest == milliCpu;
    }, Bound, () => $"{uid} has {milliCpu}m");

    private void Advance(TimeSpan by)
    {
        _clock.Advance(by);
        ((TestScheduler)Sys.Scheduler).Advance(by);
    }

    private static KubeObject Pod(string name, int milliCpu, long revision, string phase = "Running") => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},
         "spec":{"nodeName":"n1","restartPolicy":"Never","containers":[{"name":"main","image":"i:1","imagePullPolicy":"IfNotPresent","resources":{"requests":{"cpu":"{{milliCpu}}m"} } }]},
         "status":{"phase":"{{phase}}"} }
        """)!).At(revision);
}
