using System.Globalization;
using System.Net;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Kit;

/// <summary>A host of a spec: a network namespace of its own. Its processes share everything else with this machine, the engine too.</summary>
/// <param name="Namespace">Path of the namespace.</param>
/// <param name="Address">Its address.</param>
/// <param name="Second">Its address of IPv6; null if it has none.</param>
internal sealed record NetworkHost(string Namespace, IPAddress Address, IPAddress? Second = null);

/// <summary>Hosts on one switch, to which this machine is connected too. The switch is a namespace, so that no packet rules of this machine are in between.</summary>
internal sealed class NetworkHosts : IAsyncDisposable
{
    private readonly string _name;

    private NetworkHosts(string name, IReadOnlyList<NetworkHost> hosts) => (_name, All) = (name, hosts);

    public IReadOnlyList<NetworkHost> All { get; }

    /// <summary>Makes hosts with addresses out of 198.18.0.0/15, which is there for tests.</summary>
    /// <param name="count">How many.</param>
    /// <param name="hasIPv6">Whether each has an address of IPv6 too.</param>
    public static async Task<NetworkHosts> CreateAsync(int count, bool hasIPv6 = false)
    {
        // Others may be there at the same time.
        var id = FreePort.Next() % 512;
        while (HostInterfaces.Has(string.Create(CultureInfo.InvariantCulture, $"spec{id}")))
        {
            id = FreePort.Next() % 512;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"spec{id}");
        string At(int n) => string.Create(CultureInfo.InvariantCulture, $"198.{18 + (id / 256)}.{id % 256}.{n}");
        string SecondAt(int n) => string.Create(CultureInfo.InvariantCulture, $"fd00:5bec:2:{id:x}::{n:x}");
        var hosts = new NetworkHosts(name, [.. Enumerable.Range(1, count).Select(i => new NetworkHost(NetworkNames.PathOf($"{name}-{i}"), IPAddress.Parse(At(i)), hasIPv6 ? IPAddress.Parse(SecondAt(i)) : null))]);
        try
        {
            await IpAsync([], [$"netns add {name}-0", $"link add {name} type veth peer name this netns {name}-0", $"addr add {At(254)}/24 dev {name}", .. hasIPv6 ? (string[])[$"addr add {SecondAt(254)}/64 dev {name} nodad"] : [], $"link set {name} up", .. Enumerable.Range(1, count).Select(i => $"netns add {name}-{i}")]);
            await IpAsync(["-n", $"{name}-0"], ["link add br0 type bridge", "link set br0 up", "link set this master br0", "link set this up",
                .. Enumerable.Range(1, count).SelectMany(i => (string[])[$"link add p{i} type veth peer name eth0 netns {name}-{i}", $"link set p{i} master br0", $"link set p{i} up"])]);
            for (var i = 1; i <= count; i++)
            {
                await IpAsync(["-n", $"{name}-{i}"], ["link set lo up", $"addr add {At(i)}/24 dev eth0", .. hasIPv6 ? (string[])[$"addr add {SecondAt(i)}/64 dev eth0 nodad"] : [], "link set eth0 up", $"route add default via {At(254)}"]);
            }

            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i <= All.Count; i++)
        {
            await Command.RunAsync("ip", ["netns", "del", $"{_name}-{i}"], TimeSpan.FromSeconds(30));
        }
    }

    private static Task IpAsync(string[] options, string[] lines) => HostTool.BatchAsync("ip", options, lines, CancellationToken.None);
}
