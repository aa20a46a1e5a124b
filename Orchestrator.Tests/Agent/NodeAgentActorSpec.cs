using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Simulated;

namespace Orchestrator.Tests.Agent;

/// <summary>A node's agent between a gateway that the spec plays and entities in memory.</summary>
public sealed class NodeAgentActorSpec() : TestKit(ConfigurationFactory.ParseString("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\""))
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly FaultyClock _clock = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-agent-");
    private readonly SimulatedRuntime _runtime = new(0, new SimulationOptions(), TimeProvider.System);

    [Fact]
    public async Task A_pod_whose_worker_failed_goes_on_from_the_newest_version_that_was_desired()
    {
        var (gateway, region) = (CreateTestProbe(), CreateTestProbe());
        var entities = Sys.ActorOf(FakeRegion.Props(CreateTestProbe(), TimeProvider.System));
        region.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is ObjectCommand { Key.Resource: "nodes" })
            {
                entities.Tell(message, sender);
            }

            return AutoPilot.KeepRunning;
        }));
        var readiness = new AgentReadiness(["n1"]);
        var agent = Sys.ActorOf(NodeAgentActor.Props(new AgentServices("n1", "10.0.0.9", _runtime, "simulated", gateway, region, _folder.FullName, _clock,
            new SemaphoreSlim(4), new Dictionary<string, string>(), "here", readiness)));
        gateway.ExpectMsg<AttachAgent>(Bound);
        Assert.Equal("node n1: it has not registered yet", readiness.WaitsFor);
        agent.Tell(new DesiredPods([Pod(revision: 10)], [], true), gateway);
        await readiness.AllReady.WaitAsync(Bound);
        Assert.Equal(10, Reported(region, "running"));
        agent.Tell(new DesiredPods([Pod(revision: 20)], [], true), gateway);
        agent.Tell(new DesiredPods([Pod(revision: 10)], [], true), gateway);
        Fish<AttachAgent>(gateway, a => a.Held.GetValueOrDefault("u") == 20);

        // The next thing that happens to the pod is too much for its worker.
        await EventFilter.Error(contains: "A pod worker or a log session failed").ExpectOneAsync(Bound, () =>
        {
            _clock.IsFaulty = true;
            return _runtime.StopContainerAsync("u", "main", TimeSpan.Zero, CancellationToken.None);
        });
        _clock.IsFaulty = false;
        Assert.Equal(20, Reported(region, "terminated"));
    }

    [Fact]
    public async Task What_the_pods_of_a_node_use_is_reported_once_it_is_attached()
    {
        var (gateway, region, receivers) = (CreateTestProbe(), Sys.ActorOf(FakeRegion.Props(CreateTestProbe(), TimeProvider.System)), CreateTestProbe());
        var runtime = new SimulatedRuntime(0, new SimulationOptions(), _clock);
        var agent = Sys.ActorOf(NodeAgentActor.Props(new AgentServices("n1", "10.0.0.9", runtime, "simulated", gateway, region, _folder.FullName, _clock,
            new SemaphoreSlim(4), new Dictionary<string, string>(), "here", new AgentReadiness(["n1"]))
        { Usage = new UsageReporting(runtime, receivers, TimeSpan.FromSeconds(15)) }));
        gateway.ExpectMsg<AttachAgent>(Bound);
        receivers.ExpectNoMsg(TimeSpan.Zero);
        agent.Tell(new DesiredPods([Pod(revision: 10)], [], true), gateway);
        var measured = Fish<NodeUsage>(receivers, r => r.Pods.Length > 0);
        Assert.Equal(("n1", "u", "main"), (measured.Node, measured.Pods.Single().Uid, measured.Pods.Single().Containers.Single().Name));
        Assert.Equal(1_000_000, measured.Pods.Single().Total().CpuNanocores);

        // A part that looks after the whole node goes on after a fault.
        await EventFilter.Error(contains: "A part of the agent failed and begins anew").ExpectOneAsync(Bound, async () =>
        {
            Sys.ActorSelection(agent.Path / "usage").Tell(Kill.Instance);
            await Task.CompletedTask;
        });
        while (receivers.HasMessages)
        {
            receivers.ReceiveOne(TimeSpan.Zero);
        }

        Fish<NodeUsage>(receivers, r => r.Pods.Length > 0);
        await runtime.StopContainerAsync("u", "main", TimeSpan.Zero, CancellationToken.None);
        Fish<NodeUsage>(receivers, r => r.Pods.IsEmpty);
    }

    [Fact]
    public async Task What_nobody_told_is_found_by_the_slow_pass()
    {
        var (gateway, region, runtime) = (CreateTestProbe(), CreateTestProbe(), new FakeRuntime(_clock));
        var entities = Sys.ActorOf(FakeRegion.Props(CreateTestProbe(), TimeProvider.System));
        region.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is ObjectCommand { Key.Resource: "nodes" })
            {
                entities.Tell(message, sender);
            }

            return AutoPilot.KeepRunning;
        }));
        var readiness = new AgentReadiness(["n1"]);
        var agent = Sys.ActorOf(NodeAgentActor.Props(new AgentServices("n1", "10.0.0.9", runtime, "fake", gateway, region, _folder.FullName, _clock,
            new SemaphoreSlim(4), new Dictionary<string, string>(), "here", readiness)));
        gateway.ExpectMsg<AttachAgent>(Bound);
        agent.Tell(new DesiredPods([Pod(revision: 10)], [], true), gateway);
        await readiness.AllReady.WaitAsync(Bound);
        Assert.Equal(10, Reported(region, "running"));

        // A container ends, and one of a pod that is not of this node runs; the runtime says nothing.
        runtime.End("u", "main", 3);
        runtime.Put(new RuntimePodStatus("stranger", "default", "stranger", "10.0.0.2", true, []));
        for (var passed = TimeSpan.Zero; passed < SlowPass.Length + (2 * SlowPass.Step); passed += SlowPass.Step)
        {
            _clock.Advance(SlowPass.Step);
            ((TestScheduler)Sys.Scheduler).Advance(SlowPass.Step);
        }

        Assert.Equal(10, Reported(region, "terminated"));
        await Kit.Poll.UntilAsync(async () => await runtime.FindAsync("stranger", CancellationToken.None) is null, Bound, () => "the stranger is gone");
    }

    [Fact]
    public async Task Volumes_are_read_again_when_the_gateway_says_so_and_when_another_one_takes_over()
    {
        var (gateway, next) = (CreateTestProbe(), CreateTestProbe());
        var region = Sys.ActorOf(FakeRegion.Props(CreateTestProbe(), TimeProvider.System));
        var agent = Sys.ActorOf(NodeAgentActor.Props(new AgentServices("n1", "10.0.0.9", _runtime, "simulated", gateway, region, _folder.FullName, _clock,
            new SemaphoreSlim(4), new Dictionary<string, string>(), "here", new AgentReadiness(["n1"]))));
        gateway.ExpectMsg<AttachAgent>(Bound);
        var key = ConfigMapDefinition.Instance.Key("default", "c");
        var map = (await region.Ask<CommandReply>(new CreateObject(key, Map("one"), "spec"), Bound)).Object!;
        var pod = Pod(revision: 10).ToNode();
        pod["spec"]!["volumes"] = JsonNode.Parse("""[{"name":"v","configMap":{"name":"c"}}]""");
        agent.Tell(new DesiredPods([KubeObject.From(PodDefinition.Instance, pod).At(10)], [], true), gateway);
        await ShowsAsync("one");

        await region.Ask<CommandReply>(new MergeObject(key, map.Uid, Map("two"), "updated", "spec"), Bound);
        agent.Tell(new DesiredPods([], [], false, ["u"]), gateway);
        await ShowsAsync("two");

        await region.Ask<CommandReply>(new MergeObject(key, map.Uid, Map("three"), "updated", "spec"), Bound);
        agent.Tell(new DesiredPods([], [], true), next);
        await ShowsAsync("three");

        static JsonObject Map(string value) => (JsonObject)JsonNode.Parse($$"""{"metadata":{"name":"c","namespace":"default"},"data":{"level":"{{value}}"} }""")!;

        Task ShowsAsync(string value) => Kit.Poll.UntilAsync(async () => File.Exists(Path.Combine(_folder.FullName, "u", "volumes", "v", "level"))
            && await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "u", "volumes", "v", "level")) == value
            && (await _runtime.FindAsync("u", CancellationToken.None))?.Containers.SingleOrDefault() is { State: ContainerState.Running, Attempt: 0 }, Bound, () => $"the volume shows {value}");
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Delete(recursive: true);
    }

    /// <summary>The revision of the pod that the next report of its container in a state is about.</summary>
    private long Reported(TestProbe region, string state) => Fish<MergeObject>(
        region, m => m.Key.Resource == "pods" && m.Patch["status"]?["containerStatuses"]?[0]?["state"]?[state] is not null).Cause;

    /// <summary>Waits for a message while time goes by.</summary>
    private T Fish<T>(TestProbe probe, Func<T, bool> isIt)
    {
        for (var end = DateTime.UtcNow + Bound; DateTime.UtcNow < end;)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
            while (probe.ReceiveOne(TimeSpan.FromMilliseconds(20)) is { } message)
            {
                if (message is T wanted && isIt(wanted))
                {
                    return wanted;
                }
            }
        }

        throw new TimeoutException($"Not within {Bound.TotalSeconds:0} s: the awaited {typeof(T).Name}");
    }

    private static KubeObject Pod(long revision) => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse("""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default","uid":"u"},
         "spec":{"nodeName":"n1","restartPolicy":"Never","containers":[{"name":"main","image":"shop:1","imagePullPolicy":"IfNotPresent"}]} }
        """)!).At(revision);

    private sealed class FaultyClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        public bool IsFaulty { get; set; }

        public override DateTimeOffset GetUtcNow() => IsFaulty ? throw new InvalidOperationException("the clock is broken") : base.GetUtcNow();
    }
}
