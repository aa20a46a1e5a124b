using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>SIGKILL to a host; it is started again.</summary>
internal sealed class KillFault : IFault
{
    public string Name => "kill";

    public TimeSpan Longest => TimeSpan.FromSeconds(5);

    public bool Fits(FaultCluster cluster) => true;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        var host = cluster.Any(random);
        await host.KillAsync();
        return host.Name;
    }

    public Task HealAsync(FaultCluster cluster) => Task.CompletedTask;
}
