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
        await Assert.ThrowsAsync<ContainerRefusedException>(() => runtime.StartContainerAsync(Container("a", 0, "sleep 1"), CancellationToken.None));
    }

    private protected override IContainerRuntime Create() => new SimulatedRuntime(0, new SimulationOptions(), TimeProvider.System);
}
