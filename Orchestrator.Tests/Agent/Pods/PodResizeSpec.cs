using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

public sealed class PodResizeSpec
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ContainerResources Old = new(100, 0, 0, 0);

    [Fact]
    public void A_pod_asks_before_anything_is_changed_and_takes_a_no()
    {
        var (pod, runs) = (Pod("200m"), Observed(Old));
        var ask = Assert.IsType<PodStep.AskRoom>(Next(pod, runs, null));
        Assert.IsType<PodStep.Idle>(Next(pod, runs, new(ask.Wanted, ResizeAnswer.Asked)));
        Assert.IsType<PodStep.Idle>(Next(pod, runs, new(ask.Wanted, ResizeAnswer.Infeasible, "no")));
        Assert.IsType<PodStep.Resize>(Next(pod, runs, new(ask.Wanted, ResizeAnswer.Granted)));
        Assert.IsType<PodStep.AskRoom>(Next(Pod("300m"), runs, new(ask.Wanted, ResizeAnswer.Granted)));
        Assert.IsType<PodStep.Idle>(Next(Pod("100m"), runs, null));
    }

    [Theory]
    [InlineData("cpu", true)]
    [InlineData("memory", false)]
    public void A_container_starts_again_for_the_resources_whose_policy_says_so(string resource, bool isKilled)
    {
        var (pod, runs) = (Pod("200m", (resource, "RestartContainer")), Observed(Old));
        var wanted = PodResize.Wanted(pod.Spec, runs)!;
        Assert.Equal(isKilled, Next(pod, runs, new(wanted, ResizeAnswer.Granted)) is PodStep.Kill);
    }

    [Fact]
    public void A_runtime_that_refuses_or_holds_something_else_is_asked_again_later()
    {
        var (pod, runs) = (Pod("200m"), Observed(Old));
        var (container, last) = (pod.Spec.Containers[0], runs.Containers[0]);
        Assert.Null(PodResize.Outcome(container, Observed(new ContainerResources(200, 0, 0, 0)).Containers[0], null, null, Now));
        Assert.Null(PodResize.Outcome(container, null, null, null, Now));
        var refused = PodResize.Outcome(container, last, "too small", null, Now)!;
        Assert.Equal(("too small", 1, Now.AddSeconds(10)), (refused.Message, refused.Failures, refused.NotBefore));
        var second = PodResize.Outcome(container, last, null, refused, Now)!;
        Assert.Equal((2, Now.AddSeconds(20)), (second.Failures, second.NotBefore));
        Assert.Contains("""holds {"requests":{"cpu":"100m"}} instead of {"requests":{"cpu":"200m"}}""", second.Message, StringComparison.Ordinal);
        Assert.Equal(1, PodResize.Outcome(Pod("300m").Spec.Containers[0], last, null, second, Now)!.Failures);

        var memory = Granted(pod, runs).With("main", m => m with { Resize = second });
        Assert.Equal(new PodStep.WaitUntil(Now.AddSeconds(20)), PodPlanner.Next(pod, runs, memory, Now));
        Assert.IsType<PodStep.Resize>(PodPlanner.Next(pod, runs, memory, Now.AddSeconds(20)));
        Assert.Equal(("PodResizeInProgress", "True", "Error", second.Message), Text(Assert.Single(PodResize.Conditions(pod.Spec, runs, memory, [], Now))));
        Assert.IsType<PodStep.Resize>(PodPlanner.Next(Pod("300m"), runs, Granted(Pod("300m"), runs).With("main", m => m with { Resize = second }), Now));
    }

    [Fact]
    public void What_is_wanted_no_more_is_forgotten()
    {
        var (pod, runs) = (Pod("200m"), Observed(Old));
        var memory = Granted(pod, runs).With("main", m => m with { Resize = PodResize.Outcome(pod.Spec.Containers[0], runs.Containers[0], "no", null, Now) });
        Assert.Same(memory, PodResize.Settled(pod, runs, memory));
        var reverted = PodResize.Settled(Pod("100m"), runs, memory);
        Assert.Null(reverted.Resize);
        Assert.Null(reverted["main"].Resize);
        var other = PodResize.Settled(Pod("300m"), runs, memory);
        Assert.NotNull(other.Resize);
        Assert.Null(other["main"].Resize);
    }

    [Theory]
    [InlineData("OnFailure")]
    [InlineData("Always")]
    public void A_container_that_was_stopped_for_it_starts_again_at_once_and_by_an_agent_that_did_not_see_it(string policy)
    {
        var (pod, runs) = (Pod("200m", policy, ("cpu", "RestartContainer")), Observed(Old));
        var ended = Ended(runs, 0);
        var granted = Granted(pod, ended).With("main", m => m with { IsImagePresent = true, Streak = 5 });
        Assert.Equal(1, Assert.IsType<PodStep.Start>(PodPlanner.Next(pod, ended, granted, Now)).Attempt);
        Assert.False(PodPlanner.IsOver(pod.Spec, ended, granted));
        Assert.IsType<PodStep.AskRoom>(PodPlanner.Next(pod, ended, PodMemory.Empty, Now));
        Assert.False(PodPlanner.IsOver(pod.Spec, ended, PodMemory.Empty));
    }

    [Fact]
    public void A_container_that_ended_by_itself_stays_so()
    {
        var pod = Pod("200m", "OnFailure", ("cpu", "RestartContainer"));
        var ended = Ended(Observed(Old), 0);
        var refused = new PodMemory(PodMemory.Empty.Containers, Resize: new ResizeVerdict(PodResize.Wanted(pod.Spec, ended)!, ResizeAnswer.Infeasible));
        Assert.True(PodPlanner.IsOver(pod.Spec, ended, refused));
        Assert.True(PodPlanner.IsOver(pod.Spec, Ended(Observed(new ContainerResources(200, 0, 0, 0)), 0), PodMemory.Empty));
        Assert.True(PodPlanner.IsOver(Pod("200m", "OnFailure").Spec, ended, PodMemory.Empty));

        // The engine holds something else than it was created with, so another start would end in the same way.
        Assert.True(PodPlanner.IsOver(pod.Spec, Ended(Observed(Old, new ContainerResources(200, 0, 0, 0)), 0), PodMemory.Empty));
    }

    [Fact]
    public void A_new_start_that_would_change_nothing_is_not_made()
    {
        var (pod, runs) = (Pod("200m", ("cpu", "RestartContainer")), Observed(Old, new ContainerResources(200, 0, 0, 0)));
        Assert.IsType<PodStep.Resize>(PodPlanner.Next(pod, runs, Granted(pod, runs), Now));
    }

    [Fact]
    public void Containers_of_versions_that_set_no_memory_request_stay_as_they_are()
    {
        var spec = Pod("""100m","memory":"64Mi""").Spec;
        Assert.Null(PodResize.Wanted(spec, Observed(Old)));
        Assert.NotNull(PodResize.Wanted(spec, Observed(Old, Old)));
        Assert.NotNull(PodResize.Wanted(Pod("""200m","memory":"64Mi""").Spec, Observed(Old)));
        Assert.NotNull(PodResize.Wanted(spec, Observed(Old with { MemoryRequest = 32 << 20 })));
    }

    [Fact]
    public void The_conditions_say_why_a_pod_waits_and_that_it_does_no_more()
    {
        var (pod, runs) = (Pod("200m"), Observed(Old));
        var memory = new PodMemory(PodMemory.Empty.Containers, Resize: new ResizeVerdict(PodResize.Wanted(pod.Spec, runs)!, ResizeAnswer.Deferred, "others have it"));
        var waits = Assert.Single(PodResize.Conditions(pod.Spec, runs, memory, [], Now));
        Assert.Equal(("PodResizePending", "True", "Deferred", "others have it"), Text(waits));
        var over = Assert.Single(PodResize.Conditions(pod.Spec, Observed(new ContainerResources(200, 0, 0, 0)), memory, [waits], Now));
        Assert.Equal(StatusConditions.Removal("PodResizePending").ToJsonString(), over.ToJsonString());
        Assert.Empty(PodResize.Conditions(pod.Spec, Observed(new ContainerResources(200, 0, 0, 0)), PodMemory.Empty, [], Now));
    }

    [Fact]
    public void The_status_shows_what_a_container_has_until_it_has_what_it_asks_for()
    {
        var spec = Pod("200m").Spec.Containers[0];
        Assert.Equal("100m", (string?)PodResize.Shown(spec, Observed(Old).Containers[0])!["requests"]!["cpu"]);
        Assert.Equal("200m", (string?)PodResize.Shown(spec, Observed(new ContainerResources(200, 0, 0, 0)).Containers[0])!["requests"]!["cpu"]);
        Assert.Null(PodResize.Shown(new V1Container { Name = "main" }, Observed(Old).Containers[0]));
    }

    [Theory]
    [InlineData(900, 0, "Granted", "")]
    [InlineData(901, 0, "Deferred", "cpu, requested: 901, used: 100, capacity: 1000")]
    [InlineData(1001, 0, "Infeasible", "cpu, requested: 1001, capacity: 1000")]
    [InlineData(1, 51, "Deferred", "memory, requested: 51, used: 50, capacity: 100")]
    public void A_node_gives_what_the_others_leave(long cpu, long memory, string answer, string message)
    {
        var verdict = PodResize.Decide("w", new NodeRoom(cpu, memory), new NodeRoom(100, 50), new NodeRoom(1000, 100));
        Assert.Equal(answer, verdict.Answer.ToString());
        Assert.EndsWith(message, verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_waits_counts_with_what_it_has()
    {
        var (desk, capacity) = (new ResizeDesk(), new NodeRoom(1000, 0));
        (string, NodeRoom)[] pods = [("a", new NodeRoom(900, 0)), ("b", new NodeRoom(300, 0))];
        Assert.Equal(ResizeAnswer.Deferred, desk.Answer("a", new ResizeAsk("w", new(900, 0), new(100, 0)), pods, capacity).Answer);
        Assert.Equal(ResizeAnswer.Granted, desk.Answer("b", new ResizeAsk("w", new(800, 0), new(300, 0)), pods, capacity).Answer);
        Assert.Equal(["a"], desk.Left("b"));
        Assert.Equal(ResizeAnswer.Granted, desk.Answer("a", new ResizeAsk("w", new(900, 0), new(100, 0)), pods[..1], capacity).Answer);
        Assert.Empty(desk.Left("c"));
    }

    private static PodStep Next(PodManifest pod, RuntimePodStatus runs, ResizeVerdict? verdict) => PodPlanner.Next(pod, runs, new PodMemory(PodMemory.Empty.Containers, Resize: verdict), Now);

    private static PodMemory Granted(PodManifest pod, RuntimePodStatus runs) => new(PodMemory.Empty.Containers, Resize: new ResizeVerdict(PodResize.Wanted(pod.Spec, runs)!, ResizeAnswer.Granted));

    private static RuntimePodStatus Ended(RuntimePodStatus runs, int exitCode) => runs with { Containers = [runs.Containers[0] with { State = ContainerState.Exited, ExitCode = exitCode, FinishedAt = Now }] };

    private static PodManifest Pod(string cpu, params (string Resource, string Policy)[] policies) => Pod(cpu, "Always", policies);

    private static PodManifest Pod(string cpu, string restartPolicy, params (string Resource, string Policy)[] policies) => PodManifest.Of(KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{"restartPolicy":"{{restartPolicy}}","containers":[{"name":"main","image":"i","resources":{"requests":{"cpu":"{{cpu}}"} },
         "resizePolicy":[{{string.Join(',', policies.Select(Policy))}}]}]} }
        """)!));

    private static string Policy((string Resource, string Policy) of) => $$"""{"resourceName":"{{of.Resource}}","restartPolicy":"{{of.Policy}}"}""";

    private static RuntimePodStatus Observed(ContainerResources held, ContainerResources? created = null) => new("u", "default", "p", "10.0.0.1", true,
        [new RuntimeContainerStatus("main", "id", 0, ContainerState.Running, "i", "i", Now, null, 0, false, SandboxId: "s", Resources: held, Created: created)], "s");

    private static (string?, string?, string?, string?) Text(JsonObject c) => ((string?)c["type"], (string?)c["status"], (string?)c["reason"], (string?)c["message"]);
}
