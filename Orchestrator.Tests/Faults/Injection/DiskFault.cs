using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>The disk of the journal has not a page left, and then room again.</summary>
internal sealed class DiskFault : IFault
{
    public string Name => "disk";

    public TimeSpan Longest => TimeSpan.FromSeconds(6);

    public bool Fits(FaultCluster cluster) => cluster.Disk is not null;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        await cluster.Disk!.FillAsync();
        return "the journal's disk";
    }

    public Task HealAsync(FaultCluster cluster) => cluster.Disk!.FreeAsync();
}
