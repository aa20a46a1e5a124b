using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>Ends a host; it is started again.</summary>
/// <param name="name">Name of the fault.</param>
/// <param name="end">Ends it: by SIGKILL, or by SIGTERM, after which it ends by itself.</param>
internal sealed class EndFault(string name, Func<ControlHost, Task> end) : IFault
{
    public string Name => name;

    public TimeSpan Longest => TimeSpan.FromSeconds(5);

    public bool Fits(FaultCluster cluster) => true;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        var host = cluster.Any(random);
        await end(host);
        return host.Name;
    }

    public Task HealAsync(FaultCluster cluster) => Task.CompletedTask;
}
