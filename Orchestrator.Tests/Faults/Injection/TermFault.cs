using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>SIGTERM to a host, which ends by itself; it is started again.</summary>
internal sealed class TermFault : IFault
{
    public string Name => "term";

    public TimeSpan Longest => TimeSpan.FromSeconds(5);

    public bool Fits(FaultCluster cluster) => true;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        var host = cluster.Any(random);
        await host.TerminateAsync();
        return host.Name;
    }

    public Task HealAsync(FaultCluster cluster) => Task.CompletedTask;
}
