using System.Net;
using System.Net.Sockets;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Network;

/// <summary>Addresses that this machine answers for, seen by a host on the same switch.</summary>
public sealed class HeldAddressesSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootTheory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task A_neighbour_learns_of_an_address_at_once_and_reaches_it_until_it_is_given_up(AddressFamily family)
    {
        await using var hosts = await NetworkHosts.CreateAsync(1, hasIPv6: true);
        var names = NetworkNames.Of(Guid.NewGuid().ToString("N"));
        var (neighbour, bytes) = (Path.GetFileName(hosts.All[0].Namespace), (family == AddressFamily.InterNetwork ? hosts.All[0].Address : hosts.All[0].Second!).GetAddressBytes());
        bytes[^1] = 200;
        var address = new IPAddress(bytes);

        // What nobody has asked for is heard.
        (await Command.RunAsync("ip", ["netns", "exec", neighbour, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_accept; echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_untracked_na; echo 1 > /proc/sys/net/ipv6/conf/eth0/forwarding"], Bound)).Succeeded();
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        try
        {
            await HeldAddresses.HoldAsync(names, new HashSet<string> { address.ToString() }, CancellationToken.None);
            await Poll.UntilAsync(async () => (await Command.RunAsync("ip", ["-n", neighbour, "neigh", "show", address.ToString()], Bound)).Output.Contains("lladdr", StringComparison.Ordinal), Bound, () => "the neighbour was told of the address");
            using var handle = File.OpenHandle(hosts.All[0].Namespace);
            using var client = await NamespaceThread.RunAsync(handle, () => new Socket(family, SocketType.Stream, ProtocolType.Tcp));
            await client.ConnectAsync(address, ((IPEndPoint)listener.LocalEndpoint).Port).WaitAsync(Bound);

            // Another time changes nothing.
            await HeldAddresses.HoldAsync(names, new HashSet<string> { address.ToString() }, CancellationToken.None);
        }
        finally
        {
            await HeldAddresses.HoldAsync(names, new HashSet<string>(), CancellationToken.None);
        }

        Assert.DoesNotContain(address.ToString(), (await Command.RunAsync("ip", ["addr", "show"], Bound)).Output, StringComparison.Ordinal);
    }
}
