using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>The clock of one host is set up to two hours ahead or back, and then right again.</summary>
internal sealed class ClockFault : IFault
{
    private const int FarthestSeconds = 7_200;
    private TestClock? _set;

    public string Name => "clock";

    public TimeSpan Longest => TimeSpan.FromSeconds(12);

    public bool Fits(FaultCluster cluster) => cluster.Hosts.All(h => h.Clock is not null);

    public Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        var host = cluster.Any(random);
        var ahead = TimeSpan.FromSeconds(random.Next(-FarthestSeconds, FarthestSeconds + 1));
        _set = host.Clock!;
        _set.Set(ahead);
        return Task.FromResult($"{host.Name} {ahead.TotalMinutes:+0;-0} min");
    }

    public Task HealAsync(FaultCluster cluster)
    {
        _set!.Set(TimeSpan.Zero);
        return Task.CompletedTask;
    }
}
