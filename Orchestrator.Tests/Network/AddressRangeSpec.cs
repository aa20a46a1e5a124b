using System.Net;
using CsCheck;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class AddressRangeSpec
{
    private static readonly AddressRange Small = new(IPNetwork.Parse("10.9.8.0/29"));

    [Fact]
    public void The_first_two_addresses_and_the_last_one_are_no_pods()
    {
        HashSet<IPAddress> used = [];
        while (Small.Next(used, null) is { } next)
        {
            used.Add(next);
        }

        Assert.Equal(["10.9.8.2", "10.9.8.3", "10.9.8.4", "10.9.8.5", "10.9.8.6"], used.Select(a => a.ToString()));
        Assert.Equal((5, "10.9.8.1"), (Small.Size, Small.Gateway.ToString()));
    }

    [Theory]
    [InlineData(null, "10.9.8.2")]
    [InlineData("10.9.8.2", "10.9.8.3")]
    [InlineData("10.9.8.6", "10.9.8.2")]
    [InlineData("10.1.1.1", "10.9.8.2")]
    public void An_address_is_used_again_as_late_as_possible(string? last, string next) =>
        Assert.Equal(next, Small.Next(new HashSet<IPAddress>(), last is null ? null : IPAddress.Parse(last))?.ToString());

    [Fact]
    public void No_address_is_given_twice_while_it_is_in_use() => Gen.Int[0, 3].Array[0, 80].Sample(steps =>
    {
        HashSet<IPAddress> used = [];
        IPAddress? last = null;
        foreach (var step in steps)
        {
            if (step == 0 && used.Count > 0)
            {
                used.Remove(used.First());
            }
            else if (Small.Next(used, last) is { } next)
            {
                Assert.True(used.Add(next));
                last = next;
            }
            else
            {
                Assert.Equal(Small.Size, used.Count);
            }
        }
    });

    [Theory]
    [InlineData("10.9.8.0/24", true)]
    [InlineData("10.9.8.4/32", true)]
    [InlineData("10.9.8.8/29", false)]
    [InlineData("10.0.0.0/8", true)]
    public void A_range_knows_what_it_overlaps_with(string other, bool overlaps) => Assert.Equal(overlaps, Small.Overlaps(IPNetwork.Parse(other)));
}
