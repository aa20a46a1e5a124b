using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;
using Orchestrator.Node.Simulated;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent;

/// <summary>A pod's actor between a runtime in memory and a region that answers as the spec says; timers move by hand.</summary>
public sealed class PodWorkerActorSpec() : TestKit(ControlledTime.Config)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ControlledTime _time = new();
    private readonly TempFolder _folder = new();
    private readonly SimulatedRuntime _runtime = new(0, new SimulationOptions(), TimeProvider.System);

    [Fact]
    public async Task A_report_that_is_refused_is_made_again_with_its_events()
    {
        var worker = Start();
        var first = await ReportAsync(worker, "running");
        Assert.NotEmpty(first.RecordedEvents);
        Refuse(worker, first, ApiReason.ServiceUnavailable);
        var again = await ReportAsync(worker, "running");
        Assert.Equal(first.RecordedEvents.AsEnumerable(), again.RecordedEvents);
    }

    [Fact]
    public async Task A_report_of_a_pod_that_is_gone_is_not_repeated()
    {
        var worker = Start();
        var last = await ReportAsync(worker, "running");
        for (var reports = 1; last is not null; reports++)
        {
            // What changes is reported; what was reported is not.
            Assert.True(reports < 10, "It repeats its report for ever.");
            Refuse(worker, last, ApiReason.NotFound);
            await _time.PassAsync(Sys, TimeSpan.FromMinutes(1), worker);
            last = HasMessages ? ExpectMsg<MergeObject>(Bound) : null;
        }
    }

    [Fact]
    public async Task The_end_of_a_pod_is_confirmed_until_its_entity_knows()
    {
        var worker = Watch(Start());
        worker.Tell(new PodWorkerActor.PodChanged(Pod(revision: 20, """ "deletionTimestamp":"2026-01-02T03:04:05Z","deletionGracePeriodSeconds":0, """)));
        Refuse(worker, await NextAsync<ConfirmPodStopped>(worker), ApiReason.ServiceUnavailable);
        await NextAsync<ConfirmPodStopped>(worker);
        var last = await NextAsync<ConfirmPodStopped>(worker);
        worker.Tell(new CommandReply(null, null, IsDeleted: true) { CorrelationId = last.CorrelationId });
        ExpectTerminated(worker, Bound);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(""" "finalizers":["example.com/count"], """, 143)]
    public async Task The_end_of_containers_is_reported_before_a_pod_that_a_finalizer_keeps_is_confirmed(string metadata, int? exitCode)
    {
        var worker = Start();
        Refuse(worker, await ReportAsync(worker, "running"), ApiReason.Conflict);
        worker.Tell(new PodWorkerActor.PodChanged(Pod(revision: 20, $""" "deletionTimestamp":"2026-01-02T03:04:35Z","deletionGracePeriodSeconds":30, {metadata} """)));
        JsonNode? ended = null;
        await _time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () =>
        {
            while (HasMessages && ReceiveOne(Bound) is var message)
            {
                ended ??= (message as MergeObject)?.Patch["status"]?["containerStatuses"]?[0]?["state"]?["terminated"];
                if (message is ConfirmPodStopped)
                {
                    return true;
                }
            }

            return false;
        }, worker);
        Assert.Equal(exitCode, (int?)ended?["exitCode"]);
    }

    [Fact]
    public async Task The_token_in_a_volume_is_renewed_before_it_expires()
    {
        var gateway = CreateTestProbe();
        var asked = 0;
        gateway.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is RequestPodTokens)
            {
                sender.Tell(new PodTokens([new PodToken("", 3607, $"token-{++asked}", _time.Clock.GetUtcNow().AddSeconds(3607))], null));
            }

            return AutoPilot.KeepRunning;
        }));
        var pod = Pod(10, volumes: ""","volumes":[{"name":"api","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}]}}]""");
        var worker = Start(pod, new FakeRuntime(_time.Clock) { HasNetwork = true }, gateway);
        var file = Path.Combine(_folder.File("volumes"), "u", "volumes", "api", "token");
        Refuse(worker, await ReportAsync(worker, "running"), ApiReason.Conflict);
        Assert.Equal("token-1", await File.ReadAllTextAsync(file));
        await _time.PassAsync(Sys, TimeSpan.FromMinutes(47), worker);
        Assert.Equal(1, asked);
        await _time.UntilAsync(Sys, TimeSpan.FromMinutes(1), () => File.ReadAllText(file) == "token-2", worker);
        Assert.True(_time.Clock.GetUtcNow() - _time.Clock.Start < TimeSpan.FromMinutes(55));
    }

    [Fact]
    public async Task A_pod_that_its_node_evicts_ends_in_the_time_that_it_gets_and_leaves_nothing()
    {
        var runtime = new FakeRuntime(_time.Clock);
        var parent = CreateTestProbe();
        var worker = parent.ChildActorOf(PodWorkerActor.Props(Pod(10), Services(runtime, ActorRefs.Nobody)));
        Refuse(worker, await ReportAsync(worker, "running"), ApiReason.Conflict);
        var why = new PodFailure("Evicted", "The node was low on resource: memory.") { Grace = TimeSpan.FromSeconds(3), IsDisruption = true, ReleasesContent = true };
        worker.Tell(new PodWorkerActor.Fail(why, new RecordedEvent("Warning", "Evicted", "Sample: none.", "kubelet")));
        MergeObject? failed = null;
        await _time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () =>
        {
            while (HasMessages && ReceiveOne(Bound) is var message)
            {
                if (message is MergeObject report && (string?)report.Patch["status"]?["phase"] == "Failed")
                {
                    failed = report;
                }
                else if (message is ObjectCommand other)
                {
                    Refuse(worker, other, ApiReason.Conflict);
                }
            }

            return failed is not null;
        }, worker);
        Assert.Equal(("Evicted", why.Message), ((string?)failed!.Patch["status"]!["reason"], (string?)failed.Patch["status"]!["message"]));
        var target = failed.Patch["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "DisruptionTarget")!;
        Assert.Equal(("True", "TerminationByKubelet", why.Message), ((string?)target["status"], (string?)target["reason"], (string?)target["message"]));
        Assert.Contains("stop main 3", runtime.Calls);

        // What it wrote stays until everybody can read that it has ended.
        Assert.DoesNotContain("remove 0", runtime.Calls);
        parent.ExpectNoMsg(TimeSpan.Zero);
        worker.Tell(new PodWorkerActor.PodChanged(Pod(20, status: ""","status":{"phase":"Failed","reason":"Evicted"}""")));
        Assert.Equal("u", parent.ExpectMsg<PodWorkerActor.ContentReleased>(Bound).Uid);
        Assert.Contains("remove 0", runtime.Calls);
        Assert.Equal(1, runtime.Calls.Count(c => c.StartsWith("start main", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(""","status":{"phase":"Failed","reason":"Evicted"}""", true)]
    [InlineData(""","status":{"phase":"Failed","reason":"Error"}""", false)]
    public async Task An_agent_that_starts_anew_removes_what_an_evicted_pod_left(string status, bool isRemoved)
    {
        var runtime = new FakeRuntime(_time.Clock);
        var parent = CreateTestProbe();
        var worker = parent.ChildActorOf(PodWorkerActor.Props(Pod(10, status: status), Services(runtime, ActorRefs.Nobody)));
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(1), worker);
        await _time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () => runtime.Calls.Contains("find") && (!isRemoved || parent.HasMessages), worker);
        Assert.Equal(isRemoved, runtime.Calls.Contains("remove 0"));
        if (!isRemoved)
        {
            // A node that is short of room takes it all the same.
            worker.Tell(PodWorkerActor.ReleaseContent.Instance);
            parent.ExpectMsg<PodWorkerActor.ContentReleased>(Bound);
        }
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private IActorRef Start() => Start(Pod(revision: 10), _runtime, ActorRefs.Nobody);

    private IActorRef Start(KubeObject pod, IContainerRuntime runtime, IActorRef gateway) => Sys.ActorOf(PodWorkerActor.Props(pod, Services(runtime, gateway)));

    private AgentServices Services(IContainerRuntime runtime, IActorRef gateway) => new("n1", "10.0.0.9", runtime, "simulated", gateway, TestActor,
        _folder.File("volumes"), _time.Clock, new SemaphoreSlim(4), new Dictionary<string, string>(), "here", new AgentReadiness(["n1"]));

    // The next report that shows the container in a state; earlier ones are refused, so that they change nothing.
    private async Task<MergeObject> ReportAsync(IActorRef worker, string state)
    {
        for (; ; )
        {
            var report = await NextAsync<MergeObject>(worker);
            if (report.Patch["status"]?["containerStatuses"]?[0]?["state"]?[state] is not null)
            {
                return report;
            }

            Refuse(worker, report, ApiReason.Conflict);
        }
    }

    private async Task<T> NextAsync<T>(IActorRef worker) where T : class
    {
        T? found = null;
        await _time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () => (found = HasMessages ? ReceiveOne(Bound) as T : null) is not null, worker);
        return found!;
    }

    private static void Refuse(IActorRef worker, ObjectCommand command, ApiReason reason) =>
        worker.Tell(new CommandReply(null, new ApiError(reason, "not now")) { CorrelationId = command.CorrelationId });

    private static KubeObject Pod(long revision, string metadata = "", string volumes = "", string status = "") => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{ {{metadata}} "name":"web","namespace":"default","uid":"u"},
         "spec":{"nodeName":"n1","restartPolicy":"Never","containers":[{"name":"main","image":"shop:1","imagePullPolicy":"IfNotPresent"}]{{volumes}} }{{status}} }
        """)!).At(revision);
}
