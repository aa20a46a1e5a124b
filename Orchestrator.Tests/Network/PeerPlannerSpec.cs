using System.Net;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class PeerPlannerSpec
{
    // As /proc/net/route shows them: the default route by 192.0.2.1, and 192.0.2.0/24 on the wire.
    private const string Routes = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

    private static readonly IPAddress Host = IPAddress.Parse("192.0.2.7");
    private static readonly NodeRange[] Peers = [Peer("near", "10.244.2.0/24", "192.0.2.8"), Peer("far", "10.244.3.0/24", "198.51.100.9"), Peer("same", "10.244.4.0/24", "192.0.2.7"),
        Peer("foreign", "8.8.8.0/24", "192.0.2.9"), Peer("wide", "10.244.0.0/14", "192.0.2.9"), Peer("six", "10.244.5.0/24", "fd00::9"), Peer("sixes", "fd00::/64", "192.0.2.9")];

    private static readonly IPNetwork Cluster = IPNetwork.Parse("10.244.0.0/14");

    [Theory]
    [InlineData(PeerMode.Auto, "10.244.2.0/24 192.0.2.8 True, 10.244.3.0/24 198.51.100.9 False")]
    [InlineData(PeerMode.Routes, "10.244.2.0/24 192.0.2.8 True")]
    [InlineData(PeerMode.Tunnel, "10.244.2.0/24 192.0.2.8 False, 10.244.3.0/24 198.51.100.9 False")]
    public void The_way_to_a_host_depends_on_where_it_is(PeerMode mode, string expected) =>
        Assert.Equal(expected, string.Join(", ", PeerPlanner.Plan(Peers, [Host], HostRoutes.Parse(Routes, ""), [Cluster], mode).Select(r => $"{r.Range} {r.Host} {r.IsDirect}")));

    [Theory]
    [InlineData("192.0.2.200", true)]
    [InlineData("198.51.100.9", false)]
    public void A_host_is_near_if_no_router_is_between(string address, bool isNear) => Assert.Equal(isNear, HostRoutes.Parse(Routes, "").IsOnLink(IPAddress.Parse(address)));

    [Fact]
    public void Without_any_route_no_host_is_near() => Assert.False(HostRoutes.Parse("Iface\tDestination\n", "").IsOnLink(Host));

    [Fact]
    public void Routes_are_made_and_those_of_nodes_that_are_gone_removed()
    {
        var wanted = PeerPlanner.Plan(Peers, [Host], HostRoutes.Parse(Routes, ""), [Cluster], PeerMode.Auto);
        Assert.Equal(
            [
                "route del 10.244.9.0/24 proto 111 metric 100007",
                "route replace 10.244.2.0/24 via 192.0.2.8 proto 111 metric 100007",
                "neigh replace 10.244.3.0 lladdr 0e:0c:0a:f4:03:00 dev orc0007tun nud permanent",
                "route replace 10.244.3.0/24 via 10.244.3.0 dev orc0007tun onlink proto 111 metric 100007",
            ],
            PeerPlanner.Lines(wanted, [IPNetwork.Parse("10.244.9.0/24"), IPNetwork.Parse("10.244.2.0/24")], "orc0007tun", 100_007));
        Assert.Equal(["fdb replace 0e:0c:0a:f4:03:00 dev orc0007tun dst 198.51.100.9"], PeerPlanner.Hosts(wanted, "orc0007tun"));
    }

    [Fact]
    public void Clusters_with_other_ranges_have_other_tunnels()
    {
        var numbers = new[] { "10.244.0.0/14", "10.248.0.0/14", "10.244.0.0/15" }.Select(c => PeerPlanner.NetworkOf(IPNetwork.Parse(c))).ToList();
        Assert.Equal(3, numbers.Distinct().Count());
        Assert.All(numbers, n => Assert.InRange(n, 1, 0xFFFFFF));
    }

    [Fact]
    public void What_has_two_addresses_goes_as_it_is_to_a_host_with_both_and_otherwise_through_the_tunnel()
    {
        const string six = "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0\n";
        var peers = new[] { Peer("both", "10.244.2.0/24,fd00:9:0:2::/64", "192.0.2.8,fd00::8"), Peer("four", "10.244.3.0/24,fd00:9:0:3::/64", "192.0.2.9") };
        var wanted = PeerPlanner.Plan(peers, [Host, IPAddress.Parse("fd00::7")], HostRoutes.Parse(Routes, six), [Cluster, IPNetwork.Parse("fd00:9::/56")], PeerMode.Auto);
        Assert.Equal(
            [
                "route replace 10.244.2.0/24 via 192.0.2.8 proto 111 metric 7",
                "route replace 10.244.3.0/24 via 192.0.2.9 proto 111 metric 7",
                "route replace fd00:9:0:2::/64 via fd00::8 proto 111 metric 7",
                "neigh replace fd00:9:0:3:: lladdr 0e:0c:0a:f4:03:00 dev tun nud permanent",
                "route replace fd00:9:0:3::/64 via fd00:9:0:3:: dev tun onlink proto 111 metric 7",
            ],
            PeerPlanner.Lines(wanted, [], "tun", 7));
        Assert.Equal(["fdb replace 0e:0c:0a:f4:03:00 dev tun dst 192.0.2.9"], PeerPlanner.Hosts(wanted, "tun"));
        Assert.DoesNotContain(PeerPlanner.Plan(peers, [Host], HostRoutes.Parse(Routes, six), [Cluster], PeerMode.Auto), r => r.Range.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
        Assert.Equal(["10.244.2.0/24", "10.244.3.0/24", "fd00:9:0:2::/64"], PeerPlanner.Plan(peers, [Host], HostRoutes.Parse(Routes, six), [Cluster, IPNetwork.Parse("fd00:9::/56")], PeerMode.Routes).Select(r => r.Range.ToString()));
    }

    private static NodeRange Peer(string node, string ranges, string hosts) => new(node, [.. ranges.Split(',').Select(IPNetwork.Parse)], [.. hosts.Split(',').Select(IPAddress.Parse)]);
}
