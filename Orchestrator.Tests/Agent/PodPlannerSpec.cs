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
    }

    [Fact]
    public void Without_its_sandbox_a_pod_stops_and_starts_again_in_a_new_one()
    {
        var pod = Pod("Always", "first");
        var (first, main) = (Ended("first", 0, 0, Now.AddMinutes(-1)) with { SandboxId = "old" }, Runs("main", 0) with { SandboxId = "old" });
        var gone = Observed(first, main) with { IsSandboxRunning = false, SandboxId = "old" };
        Assert.Equal(new PodStep.StopContainers(IsSandboxGone: true), PodPlanner.Next(pod, gone, PodMemory.Empty, Now));
        Assert.Equal(new PodStep.StopContainers(IsSandboxGone: true), PodPlanner.Next(pod, gone with { SandboxId = null }, PodMemory.Empty, Now));
        Assert.Equal(new PodStep.StopContainers(IsSandboxGone: true), PodPlanner.Next(pod, gone with { IsSandboxRunning = true, SandboxId = "new" }, PodMemory.Empty, Now));

        var stopped = Ended("main", 0, 143, Now) with { SandboxId = "old" };
        Assert.IsType<PodStep.CreateSandbox>(PodPlanner.Next(pod, gone with { Containers = [first, stopped] }, PodMemory.Empty, Now));
        var early = new PodMemory(PodMemory.Empty.Containers, SandboxNotBefore: Now.AddSeconds(3));
        Assert.Equal(new PodStep.WaitUntil(Now.AddSeconds(3)), PodPlanner.Next(pod, gone with { Containers = [first, stopped] }, early, Now));

        // The init container first, then the main container; both are later attempts.
        var made = gone with { IsSandboxRunning = true, SandboxId = "new", Containers = [first, stopped] };
        var ready = PodMemory.Empty.With("first", m => m with { IsImagePresent = true }).With("main", m => m with { IsImagePresent = true });
        Assert.Equal(("first", 1), Started(PodPlanner.Next(pod, made, ready, Now)));
        var again = Ended("first", 1, 0, Now) with { SandboxId = "new" };
        Assert.Equal(("main", 1), Started(PodPlanner.Next(pod, made with { Containers = [first, again, stopped] }, ready, Now)));

        static (string, int) Started(PodStep step) => step is PodStep.Start start ? (start.Container.Name, start.Attempt) : (step.ToString(), -1);
    }

    [Theory]
    [InlineData("Never", 0, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    [InlineData("OnFailure", 1, null)]
    [InlineData("Always", 0, null)]
    public void Without_its_sandbox_a_pod_is_over_if_nothing_would_start_again(string policy, int exitCode, string? phase)
    {
        // In the first row the second container has not been started yet.
        var pod = Pod(policy);
        var observed = Observed(Ended("main", 0, exitCode, Now) with { SandboxId = "old" }) with { IsSandboxRunning = false, SandboxId = "old" };
        if (phase == "Failed")
        {
            pod.Spec.Containers.Add(new V1Container { Name = "second", Image = "shop:1" });
        }

        Assert.Equal(phase is null ? typeof(PodStep.CreateSandbox) : typeof(PodStep.Idle), PodPlanner.Next(pod, observed, PodMemory.Empty, Now).GetType());
        var stored = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse(k8s.KubernetesJson.Serialize(new V1Pod { Metadata = pod.Metadata, Spec = pod.Spec }))!);
        var status = PodStatusBuilder.Build(stored, observed, PodMemory.Empty, [], ["192.0.2.1"], "fake", Now);
        Assert.Equal(phase ?? "Running", (string?)status["phase"]);
    }

    [Fact]
    public void A_container_without_its_sandbox_is_not_ready()
    {
        var pod = Pod("Always");
        var stored = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse(k8s.KubernetesJson.Serialize(new V1Pod { Metadata = pod.Metadata, Spec = pod.Spec }))!);
        foreach (var (isRunning, sandbox, isReady) in ((bool, string?, bool)[])[(true, "old", true), (false, "old", false), (true, "new", false), (false, null, false)])
        {
            var observed = Observed(Runs("main", 0) with { SandboxId = "old" }) with { IsSandboxRunning = isRunning, SandboxId = sandbox };
            var status = PodStatusBuilder.Build(stored, observed, PodMemory.Empty, [], ["192.0.2.1"], "fake", Now);
            Assert.Equal(isReady, (bool)status["containerStatuses"]![0]!["ready"]!);
            Assert.Equal(isReady ? "True" : "False", (string?)status["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "Ready")!["status"]);
        }
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
        Assert.Equal(!isRestarted, step is PodStep.StopSandbox);
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
        Assert.IsType<PodStep.StopSandbox>(PodPlanner.Next(Pod("Never", "first"), Observed(Ended("first", 0, 1, Now)), PodMemory.Empty, Now));
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
    public void Of_a_pod_that_is_over_nothing_runs(string phase)
    {
        var pod = KubeObject.From(PodDefinition.Instance, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "web", ["uid"] = "u" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "shop:1" }) },
            ["status"] = new JsonObject { ["phase"] = phase },
        });
        var manifest = PodManifest.Of(pod);
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(manifest, null, PodMemory.Empty, Now));

        // Whoever said so, even if its containers run.
        Assert.Equal(new PodStep.StopContainers(), PodPlanner.Next(manifest, Observed(Runs("main", 0)), PodMemory.Empty, Now));
        var stopped = Observed(Ended("main", 0, 143, Now));
        Assert.IsType<PodStep.StopSandbox>(PodPlanner.Next(manifest, stopped, PodMemory.Empty, Now));
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(manifest, stopped with { IsSandboxRunning = false }, PodMemory.Empty, Now));
        var status = PodStatusBuilder.Build(pod, Observed(Runs("main", 0)), PodMemory.Empty, [], ["192.0.2.1"], "fake", Now);
        Assert.Equal((phase, false), ((string)status["phase"]!, (bool)status["containerStatuses"]![0]!["ready"]!));
    }

    [Fact]
    public void A_pod_that_is_not_initialized_names_the_containers_that_it_waits_for()
    {
        var pod = Pod("Always", "first", "second", "third");
        var stored = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse(k8s.KubernetesJson.Serialize(new V1Pod { Metadata = pod.Metadata, Spec = pod.Spec }))!);
        Assert.Equal("False: containers with incomplete status: [second third]", Initialized(Ended("first", 0, 0, Now), Runs("second", 0)));
        Assert.Equal("True: ", Initialized(Ended("first", 0, 0, Now), Ended("second", 0, 0, Now), Ended("third", 0, 0, Now)));

        string Initialized(params RuntimeContainerStatus[] containers)
        {
            var status = PodStatusBuilder.Build(stored, Observed(containers), PodMemory.Empty, [], ["192.0.2.1"], "fake", Now);
            var condition = status["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "Initialized")!;
            return $"{(string?)condition["status"]}: {(string?)condition["message"]}";
        }
    }

    [Fact]
    public void What_volumes_show_is_updated_while_a_container_runs_and_nothing_else_is_to_be_done()
    {
        var (pod, changed) = (Pod("Always"), PodMemory.Empty with { Sources = 2, Shown = 1 });
        Assert.IsType<PodStep.UpdateVolumes>(PodPlanner.Next(pod, Observed(Runs("main", 0)), changed, Now));
        Assert.IsType<PodStep.Idle>(PodPlanner.Next(pod, Observed(Runs("main", 0)), changed with { Shown = 2 }, Now));
        Assert.IsType<PodStep.PullImage>(PodPlanner.Next(pod, Observed(), changed, Now));
        pod.Spec.Containers.Add(new V1Container { Name = "second", Image = "shop:1" });
        Assert.IsType<PodStep.PullImage>(PodPlanner.Next(pod, Observed(Runs("main", 0)), changed, Now));
        var waits = changed.With("second", m => m with { NotBefore = Now.AddSeconds(9) });
        Assert.IsType<PodStep.UpdateVolumes>(PodPlanner.Next(pod, Observed(Runs("main", 0)), waits, Now));
        Assert.IsType<PodStep.WaitUntil>(PodPlanner.Next(pod, Observed(Ended("main", 0, 1, Now.AddSeconds(5)), Ended("second", 0, 1, Now.AddSeconds(5))), waits.With("main", m => m with { NotBefore = Now.AddSeconds(9) }), Now));
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
