using System.Net;
using CsCheck;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>The addresses and ports that services can have.</summary>
public sealed class ServiceRangesSpec
{
    private static readonly IPNetwork Pods = IPNetwork.Parse("10.244.0.0/14");

    [Theory]
    [InlineData("10.96.0.1/16", "30000-32767", "service-cidr: \"10.96.0.1/16\" must be an IPv4 range")]
    [InlineData("10.0.0.0/8", "30000-32767", "from /12 to /28")]
    [InlineData("10.96.0.0/30", "30000-32767", "from /12 to /28")]
    [InlineData("fd00::/112", "30000-32767", "must be an IPv4 range")]
    [InlineData("10.245.0.0/16", "30000-32767", "overlaps with pod-cidr, 10.244.0.0/14")]
    [InlineData("10.240.0.0/12", "30000-32767", "overlaps with pod-cidr, 10.244.0.0/14")]
    [InlineData("10.96.0.0/16", "30000", "service-node-port-range: \"30000\" must be the first and the last")]
    [InlineData("10.96.0.0/16", "32767-30000", "service-node-port-range")]
    [InlineData("10.96.0.0/16", "0-10", "service-node-port-range")]
    [InlineData("10.96.0.0/16", "30000-70000", "service-node-port-range")]
    public void Ranges_that_do_not_fit_are_refused_with_a_reason(string addresses, string ports, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => ServiceRanges.Of(addresses, ports, Pods)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.96.0.0", false)]
    [InlineData("10.96.0.1", true)]
    [InlineData("10.96.255.254", true)]
    [InlineData("10.96.255.255", false)]
    [InlineData("10.97.0.1", false)]
    [InlineData("fd00::1", false)]
    public void The_first_and_the_last_are_no_addresses_of_services(string address, bool isOne) => Assert.Equal(isOne, ServiceRanges.Default.Has(address));

    [Fact]
    public void Each_address_and_port_is_tried_once_and_the_lower_part_last() =>
        Gen.Select(Gen.Int[16, 28], Gen.Int[0, 3000], Gen.Int[0, 999]).Sample((prefix, ports, name) =>
        {
            var ranges = ServiceRanges.Of($"10.96.0.0/{prefix}", $"30000-{30000 + ports}", Pods);
            var service = ServiceDefinition.Instance.Key("default", $"s{name}");
            var addresses = ranges.AddressesFor(service).ToList();
            Assert.Equal(ranges.Count - 1, addresses.Distinct().Count());
            Assert.Equal(addresses.Count, addresses.Distinct().Count());
            Assert.DoesNotContain(ranges.First, addresses);
            Assert.All(addresses, a => Assert.True(ranges.Has(a)));
            var numbers = ranges.NodePortsFor(service, "").ToList();
            Assert.Equal(Enumerable.Range(30000, ports + 1), numbers.Order());
            if (prefix <= 24)
            {
                Assert.Equal("10.96.0.2", addresses[^Math.Min(Math.Max(16, ranges.Count / 16), 256)]);
            }
        }, iter: 50);

    [Fact]
    public void The_service_of_the_api_has_the_first() =>
        Assert.Equal(["10.96.0.1"], ServiceRanges.Default.AddressesFor(ServiceDefinition.Instance.Key("default", "kubernetes")));
}
