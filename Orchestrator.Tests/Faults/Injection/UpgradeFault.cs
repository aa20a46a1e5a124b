using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>All hosts are ended and started again, one by one, each when the one before is well, as in an upgrade.</summary>
internal sealed class UpgradeFault : IFault
{
    public string Name => "upgrade";

    public TimeSpan Longest => TimeSpan.Zero;

    public bool Fits(FaultCluster cluster) => cluster.Hosts.Count > 1;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        foreach (var host in cluster.Hosts)
        {
            if (host.IsRunning)
            {
                await host.TerminateAsync();
            }

            await cluster.RecoverAsync();
        }

        return "all hosts, one by one";
    }

    public Task HealAsync(FaultCluster cluster) => Task.CompletedTask;
}
