using System.Net;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class HostRoutesSpec
{
    private const string Routes =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        + "orcabcd0af40002\t0200F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
        + "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";

    // The way out by a router, a network on the wire, a network that ends here, the host's own address, neighbors and groups.
    private const string RoutesOfIPv6 = """
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth1
        fd000009000000050000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth1
        fd000008000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00200200       lo
        fd000008000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     eth1
        fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth1
        ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth1

        """;

    [Theory]
    [InlineData("fd00:9:0:5::7", true)]
    [InlineData("fd00:7::7", false)]
    [InlineData("172.17.0.9", true)]
    [InlineData("192.0.2.9", false)]
    public void A_host_on_the_wire_is_reached_without_a_router(string address, bool isOnLink) => Assert.Equal(isOnLink, HostRoutes.Parse(Routes, RoutesOfIPv6).IsOnLink(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.244.0.0/24", "orcabcd", null)]
    [InlineData("10.244.0.0/24", "orc1234", "orcabcd0af40002 10.244.0.2/32")]
    [InlineData("172.17.4.0/24", "orcabcd", null)]
    [InlineData("172.16.0.0/14", "orcabcd", "docker0 172.17.0.0/16")]
    [InlineData("192.168.0.0/24", "orcabcd", null)]
    [InlineData("fd00:9::/56", "orcabcd", "eth1 fd00:9:0:5::/64")]
    [InlineData("fd00:9:0:5::/72", "orcabcd", null)]
    [InlineData("fd00:8::/56", "orcabcd", null)]
    public void A_route_of_somebody_else_into_the_range_is_found(string range, string prefix, string? conflict) =>
        Assert.Equal(conflict, HostRoutes.Parse(Routes, RoutesOfIPv6).Conflict(new AddressRange(IPNetwork.Parse(range)), prefix) is { } found ? $"{found.Interface} {found.Range}" : null);

    [Fact]
    public void Packets_are_as_large_as_the_way_out_allows()
    {
        Assert.Equal(1400, HostRoutes.Parse(Routes, "").Mtu(link => link == "eth0" ? 1400 : 0));
        Assert.Equal(1500, HostRoutes.Parse("", "").Mtu(_ => 0));
    }
}
