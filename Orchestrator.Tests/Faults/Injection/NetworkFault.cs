using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>Something is wrong with the network of one host, for a time that can be long enough for the others to give it up.</summary>
/// <param name="name">Its name.</param>
/// <param name="begin">Does it to a host, given by its number and the addresses of the others.</param>
internal sealed class NetworkFault(string name, Func<TestNetwork, int, string, Task> begin) : IFault
{
    private int _host;

    public string Name => name;

    public TimeSpan Longest => TimeSpan.FromSeconds(30);

    /// <summary>All of them.</summary>
    public static IEnumerable<NetworkFault> All =>
    [
        new("partition", (network, host, _) => network.FilterAsync(host, "iif eth0 drop", "oif eth0 drop")),
        new("isolate", (network, host, others) => network.FilterAsync(host, $"ip saddr {others} drop", $"ip daddr {others} drop")),
        new("oneway", (network, host, others) => network.FilterAsync(host, $"ip saddr {others} drop", "accept")),
        new("lossy", (network, host, _) => network.FilterAsync(host, "iif eth0 numgen random mod 100 < 20 drop", "oif eth0 numgen random mod 100 < 20 drop")),
        new("slow", (network, host, _) => network.SlowAsync(host, "512kbit")),
    ];

    public bool Fits(FaultCluster cluster) => cluster.Network is not null;

    public async Task<string> InjectAsync(FaultCluster cluster, Random random)
    {
        _host = random.Next(cluster.Hosts.Count);
        var others = string.Join(", ", Enumerable.Range(0, cluster.Hosts.Count).Where(i => i != _host).Select(TestNetwork.AddressOf));
        await begin(cluster.Network!, _host, $"{{ {others} }}");
        return cluster.Hosts[_host].Name;
    }

    public Task HealAsync(FaultCluster cluster) => cluster.Network!.HealAsync(_host);
}
