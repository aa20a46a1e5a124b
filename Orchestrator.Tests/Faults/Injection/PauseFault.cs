using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>SIGSTOP to a host, and SIGCONT after a time; of several hosts, after one that can be long enough for the others to give it up.</summary>
internal sealed class PauseFault : IFault
{
    private int _several = 1;
    private ControlHost? _host;

    public string Name => "pause";

    public TimeSpan Longest => TimeSpan.FromSeconds(_several == 1 ? 8 : 30);

    public bool Fits(FaultCluster cluster)
    {
        _several = cluster.Hosts.Count;
        return true;
    }

    public Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        _host = cluster.Any(random);
        _host.Pause();
        return Task.FromResult(_host.Name);
    }

    public Task HealAsync(FaultCluster cluster)
    {
        _host!.Continue();
        return Task.CompletedTask;
    }
}
