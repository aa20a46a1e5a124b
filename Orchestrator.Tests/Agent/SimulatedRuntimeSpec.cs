using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Simulated;

namespace Orchestrator.Tests.Agent;

public sealed class SimulatedRuntimeSpec : ContainerRuntimeContract
{
    [Fact]
    public async Task A_failure_rate_of_one_refuses_every_start()
    {
        await using var runtime = new SimulatedRuntime(0, new SimulationOptions(FailureRate: 1), TimeProvider.System);
        await runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await runtime.StartContainerAsync(Container("a", 0, "sleep 1"), CancellationToken.None);
        Assert.Equal((128, RuntimeContainerStatus.CannotRun), (await runtime.FindAsync(Uid, CancellationToken.None))!.Containers.Select(c => (c.ExitCode, c.Reason)).Single());
    }

    [Fact]
    public async Task Annotations_say_what_containers_use_from_the_moment_they_change()
    {
        var clock = new FakeTimeProvider();
        await using var runtime = new SimulatedRuntime(0, new SimulationOptions(), clock);
        await runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await runtime.StartContainerAsync(Container("a", 0, "run"), CancellationToken.None);
        await runtime.StartContainerAsync(Container("b", 0, "run"), CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([(10_000_000, 1 << 20), (10_000_000, 1 << 20)], await UsedAsync(1, []));
        clock.Advance(TimeSpan.FromSeconds(10));
        JsonObject load = new() { ["simulation.orchestrator.io/cpu"] = "200m", ["simulation.orchestrator.io/memory"] = "64Mi", ["cpu.simulation.orchestrator.io/b"] = "1.5" };
        Assert.Equal([(2_010_000_000, 64 << 20), (15_010_000_000, 64 << 20)], await UsedAsync(2, load));
        Assert.Equal([(2_010_000_000, 64 << 20), (15_010_000_000, 64 << 20)], await UsedAsync(2, load));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([(2_011_000_000, 1 << 20), (15_011_000_000, 1 << 20)], await UsedAsync(3, new JsonObject { ["simulation.orchestrator.io/cpu"] = "much", ["simulation.orchestrator.io/memory"] = 7 }));

        async Task<IEnumerable<(long, long)>> UsedAsync(int revision, JsonObject annotations)
        {
            var pod = KubeObject.From(PodDefinition.Instance, new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = Uid, ["name"] = "contract", ["resourceVersion"] = $"{revision}", ["annotations"] = annotations.DeepClone() },
            });
            return (await runtime.StatsAsync([pod], CancellationToken.None)).Containers.Select(c => (c.Counters.CpuNanoseconds, c.Counters.WorkingSetBytes));
        }
    }

    [Fact]
    public async Task A_start_that_takes_its_time_is_made_once()
    {
        var clock = new FakeTimeProvider();
        await using var runtime = new SimulatedRuntime(0, new SimulationOptions(StartDelay: TimeSpan.FromSeconds(1)), clock);
        await runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        var starts = Enumerable.Range(0, 2).Select(_ => runtime.StartContainerAsync(Container("a", 0, "sleep 600"), CancellationToken.None)).ToList();
        clock.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(starts);
        Assert.Single((await runtime.FindAsync(Uid, CancellationToken.None))!.Containers);
    }

    private protected override IContainerRuntime Create() => new SimulatedRuntime(0, new SimulationOptions(), TimeProvider.System);
}
