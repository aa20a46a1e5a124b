using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>PostgreSQL ends at once, and is started again after a time that can be longer than the hosts' patience of 5 s.</summary>
internal sealed class PostgresFault : IFault
{
    public string Name => "postgres";

    public TimeSpan Longest => TimeSpan.FromSeconds(12);

    public bool Fits(FaultCluster cluster) => cluster.Postgres is not null;

    public Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        cluster.Postgres!.Crash();
        return Task.FromResult("the server");
    }

    public Task HealAsync(FaultCluster cluster)
    {
        cluster.Postgres!.Restart();
        return Task.CompletedTask;
    }
}
