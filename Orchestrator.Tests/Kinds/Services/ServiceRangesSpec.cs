using System.Net;
using CsCheck;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>The addresses and ports that services can have.</summary>
public sealed class ServiceRangesSpec
{
    private static readonly IPNetwork[] Pods = [IPNetwork.Parse("10.244.0.0/14"), IPNetwork.Parse("fd00:244::/48")];

    [Theory]
    [InlineData("10.96.0.1/16", "30000-32767", "service-cidr: \"10.96.0.1/16\" must be a range whose address is its first")]
    [InlineData("10.0.0.0/8", "30000-32767", "of IPv4 from /12 to /28")]
    [InlineData("10.96.0.0/30", "30000-32767", "of IPv4 from /12 to /28")]
    [InlineData("fd00:96::1/112", "30000-32767", "must be a range whose address is its first")]
    [InlineData("fd00:96::/107", "30000-32767", "of IPv6 from /108 to /124")]
    [InlineData("fd00:96::/125", "30000-32767", "of IPv6 from /108 to /124")]
    [InlineData("", "30000-32767", "must be a range")]
    [InlineData("10.96.0.0/16,", "30000-32767", "service-cidr: \"\" must be a range")]
    [InlineData("10.96.0.0/16,10.97.0.0/16", "30000-32767", "must be one range, or one of IPv4 and one of IPv6")]
    [InlineData("10.96.0.0/16,fd00:96::/112,fd00:97::/112", "30000-32767", "must be one range, or one of IPv4 and one of IPv6")]
    [InlineData("10.245.0.0/16", "30000-32767", "overlaps with pod-cidr, 10.244.0.0/14")]
    [InlineData("10.240.0.0/12", "30000-32767", "overlaps with pod-cidr, 10.244.0.0/14")]
    [InlineData("10.96.0.0/16,fd00:244:0:1::/112", "30000-32767", "fd00:244:0:1::/112 overlaps with pod-cidr, fd00:244::/48")]
    [InlineData("10.96.0.0/16", "30000", "service-node-port-range: \"30000\" must be the first and the last")]
    [InlineData("10.96.0.0/16", "32767-30000", "service-node-port-range")]
    [InlineData("10.96.0.0/16", "0-10", "service-node-port-range")]
    [InlineData("10.96.0.0/16", "30000-70000", "service-node-port-range")]
    public void Ranges_that_do_not_fit_are_refused_with_a_reason(string addresses, string ports, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => ServiceRanges.Of(addresses, ports, Pods)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.96.0.0/16", "10.96.0.0", false)]
    [InlineData("10.96.0.0/16", "10.96.0.1", true)]
    [InlineData("10.96.0.0/16", "10.96.255.254", true)]
    [InlineData("10.96.0.0/16", "10.96.255.255", false)]
    [InlineData("10.96.0.0/16", "10.97.0.1", false)]
    [InlineData("10.96.0.0/16", "fd00::1", false)]
    [InlineData("fd00:96::/112", "fd00:96::", false)]
    [InlineData("fd00:96::/112", "fd00:96::1", true)]
    [InlineData("fd00:96::/112", "FD00:96:0::1", true)]
    [InlineData("fd00:96::/112", "fd00:96::ffff", true)]
    [InlineData("fd00:96::/112", "fd00:96::1:0", false)]
    [InlineData("fd00:96::/112", "10.96.0.1", false)]
    public void The_first_is_no_address_of_a_service_nor_the_last_of_IPv4(string range, string address, bool isOne) => Assert.Equal(isOne, ServiceRange.Of(range).Has(address));

    [Theory]
    [InlineData("10.96.0.0/16", "IPv4", "10.96.0.1")]
    [InlineData("fd00:96::/112", "IPv6", "fd00:96::1")]
    [InlineData("10.96.0.0/16, FD00:96::/112", "IPv4,IPv6", "10.96.0.1")]
    [InlineData("fd00:96::/112,10.96.0.0/16", "IPv6,IPv4", "fd00:96::1")]
    public void The_first_range_is_that_of_the_primary_family(string addresses, string families, string first)
    {
        var ranges = ServiceRanges.Of(addresses, "30000-32767", Pods);
        Assert.Equal(families, string.Join(',', ranges.Families.Select(r => r.Family)));
        Assert.Equal(first, ranges.Primary.First);
        Assert.Equal([first], ranges.Primary.For(ServiceDefinition.Instance.Key("default", "kubernetes")));
    }

    [Fact]
    public void Each_address_and_port_is_tried_once_and_the_lower_part_last() =>
        Gen.Select(Gen.Bool, Gen.Int[4, 16], Gen.Int[0, 3000], Gen.Int[0, 999]).Sample((isNew, bits, ports, name) =>
        {
            var ranges = ServiceRanges.Of(isNew ? $"fd00:96::/{128 - bits}" : $"10.96.0.0/{32 - bits}", $"30000-{30000 + ports}", Pods);
            var service = ServiceDefinition.Instance.Key("default", $"s{name}");
            var range = ranges.Primary;
            var addresses = range.For(service).ToList();
            Assert.Equal(range.Count - 1, addresses.Distinct().Count());
            Assert.Equal(addresses.Count, addresses.Distinct().Count());
            Assert.DoesNotContain(range.First, addresses);
            Assert.All(addresses, a => Assert.True(range.Has(a)));
            var numbers = ranges.NodePortsFor(service, "").ToList();
            Assert.Equal(Enumerable.Range(30000, ports + 1), numbers.Order());
            if (bits >= 8)
            {
                Assert.Equal(isNew ? "fd00:96::2" : "10.96.0.2", addresses[^Math.Min(Math.Max(16, range.Count / 16), 256)]);
            }
        }, iter: 50);
}
