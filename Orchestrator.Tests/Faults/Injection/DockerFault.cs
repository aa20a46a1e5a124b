using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>The Docker engine of the host is ended and started again; its containers live on.</summary>
internal sealed class DockerFault : IFault
{
    public string Name => "docker";

    public TimeSpan Longest => TimeSpan.FromSeconds(10);

    public bool Fits(FaultCluster cluster) => cluster.Engine is not null;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        await cluster.Engine!.StopAsync();
        return "the engine";
    }

    public Task HealAsync(FaultCluster cluster) => cluster.Engine!.StartAsync();
}
