using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Tests.Kit;
using k8s.Models;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Agent;

public sealed class PodPlannerSpec
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pod_is_made_step_by_step()
    {
        var pod = Pod("Always");
        Assert.IsType<PodStep.CreateSandbox>(PodPlanner.Next(pod, null, PodMemory.Empty, Now));
        Assert.IsType<PodStep.PullImage>(PodPlanner.Next(pod, Observed(), PodMemory.Empty, Now));
        Assert.Equal(0, Assert.IsType<PodStep.Start>(PodPlanner.Next(pod, Observed(), ImageIsThere, Now)).Attempt);
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(pod, Observed(Runs("main", 0)), PodMemory.Empty, Now));
        Assert.IsType<PodStep.CreateSandbox>(PodPlanner.Next(pod, Observed(Runs("main", 0)) with { IsSandboxRunning = false }, PodMemory.Empty, Now));
    }

    [Theory]
    [InlineData("Always", "definition changed")]
    [InlineData("OnFailure", null)]
    [InlineData("Never", null)]
    public void A_container_whose_image_was_changed_is_restarted_with_it(string policy, string? why)
    {
        var pod = Pod(policy);
        pod.Spec.Containers[0].Image = "shop:2";
        Assert.Equal(why, (PodPlanner.Next(pod, Observed(Runs("main", 0)), PodMemory.Empty, Now) as PodStep.Kill)?.Why);
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 0, false)]
    [InlineData("Never", 1, false)]
    public void An_end_is_followed_as_the_restart_policy_says(string policy, int exitCode, bool isRestarted)
    {
        var step = PodPlanner.Next(Pod(policy), Observed(Ended("main", 0, exitCode, Now)), ImageIsThere, Now);
        Assert.Equal(isRestarted ? 1 : null, (step as PodStep.Start)?.Attempt);
        Assert.Equal(!isRestarted, step is PodStep.Idle);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(6, 160)]
    [InlineData(7, 300)]
    [InlineData(40, 300)]
    public void Crashes_in_a_row_are_followed_later_and_later(int streak, int seconds)
    {
        var memory = PodMemory.Empty.With("main", m => m with { IsImagePresent = true, Streak = streak, CountedAttempt = 9 });
        var pod = Pod("Always");
        var observed = Observed(Ended("main", 9, 1, Now));
        if (seconds > 0)
        {
            Assert.Equal(Now.AddSeconds(seconds), Assert.IsType<PodStep.WaitUntil>(PodPlanner.Next(pod, observed, memory, Now)).At);
        }

        Assert.Equal(10, Assert.IsType<PodStep.Start>(PodPlanner.Next(pod, observed, memory, Now.AddSeconds(seconds))).Attempt);
    }

    [Fact]
    public void A_long_run_is_no_crash()
    {
        var counted = PodPlanner.Count(new ContainerMemory(Streak: 6, CountedAttempt: 3), Ended("main", 4, 1, Now) with { StartedAt = Now.AddMinutes(-10) });
        Assert.Equal((1, 4), (counted.Streak!.Value, counted.CountedAttempt));
        Assert.Same(counted, PodPlanner.Count(counted, Ended("main", 4, 1, Now)));
    }

    [Fact]
    public void After_a_restart_of_the_agent_the_restart_count_stands_in_for_what_it_forgot() =>
        Assert.Equal(6, PodPlanner.Count(ContainerMemory.None, Ended("main", 5, 1, Now)).Streak);

    [Fact]
    public void Init_containers_go_first_one_after_the_other()
    {
        var pod = Pod("Always", "first", "second");
        Assert.Equal("first", Assert.IsType<PodStep.PullImage>(PodPlanner.Next(pod, Observed(), PodMemory.Empty, Now)).Container.Name);
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(pod, Observed(Runs("first", 0)), PodMemory.Empty, Now));
        Assert.Equal("second", Assert.IsType<PodStep.PullImage>(PodPlanner.Next(pod, Observed(Ended("first", 0, 0, Now)), PodMemory.Empty, Now)).Container.Name);
        var done = Observed(Ended("first", 0, 0, Now), Ended("second", 0, 0, Now));
        Assert.Equal("main", Assert.IsType<PodStep.PullImage>(PodPlanner.Next(pod, done, PodMemory.Empty, Now)).Container.Name);
    }

    [Fact]
    public void A_failed_init_container_is_the_end_where_nothing_is_restarted()
    {
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(Pod("Never", "first"), Observed(Ended("first", 0, 1, Now)), PodMemory.Empty, Now));
        Assert.IsType<PodStep.PullImage>(PodPlanner.Next(Pod("OnFailure", "first"), Observed(Ended("first", 0, 1, Now)), PodMemory.Empty, Now));
    }

    [Fact]
    public void What_a_probe_gave_up_is_killed_but_not_its_successor()
    {
        var memory = PodMemory.Empty.With("main", m => m with { Probes = new ProbeOutcome(2, true, false, "failed liveness probe") });
        Assert.Equal("failed liveness probe", Assert.IsType<PodStep.Kill>(PodPlanner.Next(Pod("Always"), Observed(Runs("main", 2)), memory, Now)).Why);
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(Pod("Always"), Observed(Runs("main", 3)), memory, Now));
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public void Nothing_is_done_for_a_pod_that_is_over(string phase)
    {
        var pod = KubeObject.From(PodDefinition.Instance, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "web", ["uid"] = "u" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "shop:1" }) },
            ["status"] = new JsonObject { ["phase"] = phase },
        });
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(PodManifest.Of(pod), null, PodMemory.Empty, Now));
    }

    private static PodMemory ImageIsThere => PodMemory.Empty.With("main", m => m with { IsImagePresent = true });

    private static PodManifest Pod(string policy, params string[] inits) => new V1Pod
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "u" },
        Spec = new V1PodSpec
        {
            RestartPolicy = policy,
            Containers = [new V1Container { Name = "main", Image = "shop:1" }],
            InitContainers = [.. inits.Select(name => new V1Container { Name = name, Image = "shop:1" })],
        },
    }.Manifest();

    private static RuntimePodStatus Observed(params RuntimeContainerStatus[] containers) => new("u", "default", "web", "10.0.0.1", true, [.. containers]);

    private static RuntimeContainerStatus Runs(string name, int attempt) =>
        new(name, $"{name}-{attempt}", attempt, ContainerState.Running, "shop:1", "id", Now.AddSeconds(-1), null, 0, false);

    private static RuntimeContainerStatus Ended(string name, int attempt, int exitCode, DateTimeOffset at) =>
        new(name, $"{name}-{attempt}", attempt, ContainerState.Exited, "shop:1", "id", at.AddSeconds(-1), at, exitCode, false);
}
