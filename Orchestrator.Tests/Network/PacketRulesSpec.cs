using System.Net;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class PacketRulesSpec
{
    private static readonly NetworkNames Names = NetworkNames.Of("0123");

    [Fact]
    public void A_port_with_an_address_comes_before_one_for_all_addresses()
    {
        var rules = Rules(new HostPort("", 80, 8080, "TCP"), new HostPort("192.0.2.1", 80, 8081, "TCP"), new HostPort("0.0.0.0", 53, 53, "UDP"));
        Assert.Equal(
            ["ip daddr 192.0.2.1 tcp dport 80 dnat ip to 10.9.8.2:8081", "udp dport 53 dnat ip to 10.9.8.2:53", "tcp dport 80 dnat ip to 10.9.8.2:8080"],
            rules.Split('\n').Select(l => l.Trim()).Where(l => l.Contains(" dnat ", StringComparison.Ordinal)));
        Assert.Contains("ip saddr 10.9.8.2 ip daddr 10.9.8.2 masquerade", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stays_among_pods_keeps_its_address() =>
        Assert.Contains($"ip saddr {{ 10.9.8.0/24, 10.9.1.7/32 }} ip daddr != 10.9.0.0/16 oifname != \"{Names.Prefix}*\" masquerade", Rules(), StringComparison.Ordinal);

    [Fact]
    public void A_host_address_of_a_family_that_the_pod_has_not_has_no_rule() => Assert.DoesNotContain("dnat", Rules(new HostPort("fd00::1", 80, 8080, "TCP")), StringComparison.Ordinal);

    [Fact]
    public void A_pod_with_two_addresses_has_its_ports_at_addresses_of_both_families()
    {
        var rules = PacketRules.Text(Names, [IPNetwork.Parse("10.9.0.0/16"), IPNetwork.Parse("fd00:9::/56")], [IPNetwork.Parse("10.9.8.0/24"), IPNetwork.Parse("fd00:9:0:8::/64")],
            new HostPort[] { new("", 80, 8080, "TCP"), new("::", 81, 8081, "TCP"), new("fd00::1", 82, 8082, "TCP"), new("0.0.0.0", 83, 8083, "TCP") }.Select(p => (new PodAddresses(IPAddress.Parse("10.9.8.2"), IPAddress.Parse("fd00:9:0:8::2")), p)));
        Assert.Equal(
            [
                "ip6 daddr fd00::1 tcp dport 82 dnat ip6 to [fd00:9:0:8::2]:8082",
                "tcp dport 80 dnat ip to 10.9.8.2:8080",
                "tcp dport 80 dnat ip6 to [fd00:9:0:8::2]:8080",
                "tcp dport 81 dnat ip6 to [fd00:9:0:8::2]:8081",
                "tcp dport 83 dnat ip to 10.9.8.2:8083",
            ],
            rules.Split('\n').Select(l => l.Trim()).Where(l => l.Contains(" dnat ", StringComparison.Ordinal)));
        Assert.Contains($"ip6 saddr {{ fd00:9:0:8::/64 }} ip6 daddr != fd00:9::/56 oifname != \"{Names.Prefix}*\" masquerade", rules, StringComparison.Ordinal);
        Assert.Contains("ip6 saddr fd00:9:0:8::2 ip6 daddr fd00:9:0:8::2 masquerade", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_differ_by_installation_and_fit_an_interface()
    {
        Assert.NotEqual(Names, NetworkNames.Of("0124"));
        Assert.Equal(15, Names.For(IPAddress.Parse("255.255.255.255")).Length);
        Assert.EndsWith("0a090802", Names.For(IPAddress.Parse("10.9.8.2")), StringComparison.Ordinal);
    }

    private static string Rules(params HostPort[] ports) =>
        PacketRules.Text(Names, [IPNetwork.Parse("10.9.0.0/16")], [IPNetwork.Parse("10.9.8.0/24"), IPNetwork.Parse("10.9.1.7/32")], ports.Select(p => (new PodAddresses(IPAddress.Parse("10.9.8.2")), p)));
}
