using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Agent;

/// <summary>Init containers that stay. A pod is written as its containers in order: <c>log* setup main</c> has the sidecar <c>log</c>, the
/// init container <c>setup</c> and the main one. What is observed of them: <c>up</c>, <c>slow</c> (up, its startup probe not), <c>hooked</c> (up, its postStart hook not through), or <c>ended:code</c>.</summary>
public sealed class SidecarSpec
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]

    // Started in its turn; the next one follows when it is up.
    [InlineData("Always", "log* setup main", "", "start log 0")]
    [InlineData("Always", "log* setup main", "log=up", "start setup 0")]
    [InlineData("Always", "setup log* main", "", "start setup 0")]
    [InlineData("Always", "setup log* main", "setup=up", "rest")]
    [InlineData("Always", "setup log* main", "setup=ended:0", "start log 0")]
    [InlineData("Always", "setup log* main", "setup=ended:0 log=up", "start main 0")]
    [InlineData("Always", "log* net* main", "log=up", "start net 0")]
    [InlineData("Always", "log* main", "log=up main=up", "rest")]

    // Its postStart hook comes before all that follows it.
    [InlineData("Always", "log* setup main", "log=hooked", "hook log")]
    [InlineData("Always", "setup log* main", "setup=ended:0 log=up main=hooked", "hook main")]
    [InlineData("Never", "log* main", "log=hooked main=ended:0", "stop sidecars")]

    // Its startup probe holds the next one back, but nobody who was started before.
    [InlineData("Always", "log* setup main", "log=slow", "rest")]
    [InlineData("Always", "log* main", "log=slow main=ended:1", "start main 1")]

    // It is restarted whatever the pod's policy is and however it ended, also while others initialize.
    [InlineData("Never", "log* main", "log=ended:0 main=up", "start log 1")]
    [InlineData("OnFailure", "log* main", "log=ended:0 main=up", "start log 1")]
    [InlineData("Never", "log* main", "log=ended:1", "start log 1")]
    [InlineData("Always", "log* setup main", "log=ended:1 setup=up", "start log 1")]
    [InlineData("Always", "log* setup main", "log=slow setup=ended:0", "start main 0")]

    // Once a main container was made, init containers are over.
    [InlineData("Always", "setup log* main", "log=up main=ended:1", "start main 1")]

    // It stands in nobody's way at the end, and ends then.
    [InlineData("Never", "log* main", "log=up main=ended:0", "stop sidecars")]
    [InlineData("Never", "log* main", "log=up main=ended:3", "stop sidecars")]
    [InlineData("OnFailure", "log* main", "log=up main=ended:0", "stop sidecars")]
    [InlineData("OnFailure", "log* main", "log=up main=ended:1", "start main 1")]
    [InlineData("Never", "log* main", "log=ended:143 main=ended:0", "stop sandbox")]
    [InlineData("Never", "log* setup main", "log=up setup=ended:1", "stop sidecars")]
    [InlineData("Never", "log* setup main", "log=ended:137 setup=ended:1", "stop sandbox")]
    public void The_next_step(string policy, string containers, string observed, string step)
    {
        var pod = Pod(policy, containers);
        Assert.Equal(step, PodPlanner.Next(pod, Observed(observed), Memory(pod, observed), Now) switch
        {
            PodStep.Start start => $"start {start.Container.Name} {start.Attempt}",
            PodStep.PostStart hook => $"hook {hook.Container.Name}",
            PodStep.StopContainers => "stop sidecars",
            PodStep.StopSandbox => "stop sandbox",
            PodStep.Idle => "rest",
            var other => other.GetType().Name,
        });
    }

    [Theory]
    [InlineData("Never", "log* main", "log=up", "Pending", false, "log")]
    [InlineData("Never", "log* main", "log=up main=hooked", "Pending", false, "log")]
    [InlineData("Never", "log* main", "log=slow main=up", "Running", false, "main")]
    [InlineData("Never", "log* main", "log=up main=up", "Running", true, "log main")]
    [InlineData("Always", "log* main", "log=ended:1 main=up", "Running", false, "main")]
    [InlineData("Never", "log* main", "log=up main=ended:0", "Running", false, "log")]
    [InlineData("Never", "log* main", "log=ended:143 main=ended:0", "Succeeded", false, "")]
    [InlineData("Never", "log* main", "log=ended:0 main=ended:2", "Failed", false, "")]
    [InlineData("Never", "log* setup main", "log=up setup=ended:1", "Pending", false, "log")]
    [InlineData("Never", "log* setup main", "log=ended:143 setup=ended:1", "Failed", false, "")]
    public void The_status(string policy, string containers, string observed, string phase, bool isReady, string ready)
    {
        var pod = Pod(policy, containers);
        var o = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse(k8s.KubernetesJson.Serialize(pod))!);
        var status = PodStatusBuilder.Build(o, Observed(observed), Memory(pod, observed), [], ["192.0.2.1"], "fake", Now);
        Assert.Equal(phase, (string?)status["phase"]);
        Assert.Equal(isReady ? "True" : "False", (string?)status["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "Ready")!["status"]);
        Assert.Equal(ready, string.Join(' ', status["initContainerStatuses"]!.AsArray().Concat(status["containerStatuses"]!.AsArray())
            .Where(c => (bool)c!["ready"]!).Select(c => (string?)c!["name"])));
    }

    private static PodManifest Pod(string policy, string containers)
    {
        var all = containers.Split(' ').Select(c => new V1Container
        {
            Name = c.TrimEnd('*'), Image = "shop:1", RestartPolicy = c.EndsWith('*') ? "Always" : null,
            StartupProbe = c.EndsWith('*') ? new V1Probe() : null,
        }).ToList();
        return new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "u" },
            Spec = new V1PodSpec { RestartPolicy = policy, InitContainers = all[..^1], Containers = [all[^1]] },
        }.Manifest();
    }

    private static RuntimePodStatus Observed(string observed) => new("u", "default", "web", "10.0.0.1", true, [.. Said(observed).Select(s => s.State.StartsWith("ended:", StringComparison.Ordinal)
        ? new RuntimeContainerStatus(s.Name, s.Name, 0, ContainerState.Exited, "shop:1", "id", Now.AddSeconds(-2), Now.AddSeconds(-1), int.Parse(s.State[6..], null), false)
        : new RuntimeContainerStatus(s.Name, s.Name, 0, ContainerState.Running, "shop:1", "id", Now.AddSeconds(-2), null, 0, false))]);

    private static PodMemory Memory(PodManifest pod, string observed) => pod.Spec.All().Aggregate(PodMemory.Empty, (memory, c) => memory.With(c.Name, m => m with
    {
        IsImagePresent = true,
        PostStartPending = Said(observed).Contains((c.Name, "hooked")) ? 0 : null,
        Probes = new ProbeOutcome(0, !Said(observed).Contains((c.Name, "slow")), true),
    }));

    private static IEnumerable<(string Name, string State)> Said(string observed) =>
        observed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=')).Select(s => (s[0], s[1]));
}
