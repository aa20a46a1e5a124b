using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
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
    public void A_runtime_that_refuses_is_asked_again_later()
    {
        var (pod, runs) = (Pod("200m"), Observed(Old));
        var memory = new PodMemory(PodMemory.Empty.Containers, Resize: new ResizeVerdict(PodResize.Wanted(pod.Spec, runs)!, ResizeAnswer.Granted))
            .With("main", m => m with { NotBefore = Now.AddSeconds(9), Waiting = new WaitingReason("ResizeContainerError", "too small") });
        Assert.Equal(new PodStep.WaitUntil(Now.AddSeconds(9)), PodPlanner.Next(pod, runs, memory, Now));
        var condition = Assert.Single(PodResize.Conditions(pod.Spec, runs, memory, [], Now));
        Assert.Equal(("PodResizeInProgress", "True", "Error", "too small"), Text(condition));
    }

    [Fact]
    public void The_conditions_say_why_a_pod_waits_and_that_it_does_no_more()
    {
        var (pod, runs) = (Pod("200m"), Observed(Old));
        var memory = new PodMemory(PodMemory.Empty.Containers, Resize: new ResizeVerdict(PodResize.Wanted(pod.Spec, runs)!, ResizeAnswer.Deferred, "others have it"));
        var waits = Assert.Single(PodResize.Conditions(pod.Spec, runs, memory, [], Now));
        Assert.Equal(("PodResizePending", "True", "Deferred", "others have it"), Text(waits));
        var over = Assert.Single(PodResize.Conditions(pod.Spec, Observed(new ContainerResources(200, 0, 0, 0)), memory, [waits], Now));
        Assert.Equal(("PodResizePending", "False", null, null), Text(over));
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

    private static PodManifest Pod(string cpu, params (string Resource, string Policy)[] policies) => PodManifest.Of(KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{"containers":[{"name":"main","image":"i","resources":{"requests":{"cpu":"{{cpu}}"} },
         "resizePolicy":[{{string.Join(',', policies.Select(Policy))}}]}]} }
        """)!));

    private static string Policy((string Resource, string Policy) of) => $$"""{"resourceName":"{{of.Resource}}","restartPolicy":"{{of.Policy}}"}""";

    private static RuntimePodStatus Observed(ContainerResources held) => new("u", "default", "p", "10.0.0.1", true,
        [new RuntimeContainerStatus("main", "id", 0, ContainerState.Running, "i", "i", Now, null, 0, false, SandboxId: "s", Resources: held)], "s");

    private static (string?, string?, string?, string?) Text(JsonObject c) => ((string?)c["type"], (string?)c["status"], (string?)c["reason"], (string?)c["message"]);
}
