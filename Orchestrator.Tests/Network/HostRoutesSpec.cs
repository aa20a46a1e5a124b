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

    [Theory]
    [InlineData("10.244.0.0/24", "orcabcd", null)]
    [InlineData("10.244.0.0/24", "orc1234", "orcabcd0af40002 10.244.0.2/32")]
    [InlineData("172.17.4.0/24", "orcabcd", null)]
    [InlineData("172.16.0.0/14", "orcabcd", "docker0 172.17.0.0/16")]
    [InlineData("192.168.0.0/24", "orcabcd", null)]
    public void A_route_of_somebody_else_into_the_range_is_found(string range, string prefix, string? conflict) =>
        Assert.Equal(conflict, HostRoutes.Conflict(Routes, new AddressRange(IPNetwork.Parse(range)), prefix) is { } found ? $"{found.Interface} {found.Range}" : null);

    [Fact]
    public void Packets_are_as_large_as_the_way_out_allows()
    {
        Assert.Equal(1400, HostRoutes.Mtu(Routes, link => link == "eth0" ? 1400 : 0));
        Assert.Equal(1500, HostRoutes.Mtu("", _ => 0));
    }
}
