using System.Net;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class AddressRangeSpec
{
    private static readonly AddressRange Small = new(IPNetwork.Parse("10.9.8.0/29"));

    [Theory]
    [InlineData("10.9.8.0/29", 5, "10.9.8.1", "10.9.8.2", "10.9.8.6")]
    [InlineData("fd00:9::/125", 5, "fd00:9::1", "fd00:9::2", "fd00:9::6")]
    [InlineData("fd00:9::/64", (1 << 24) - 3, "fd00:9::1", "fd00:9::2", "fd00:9::fffe")]
    public void The_first_two_addresses_and_the_last_one_are_no_pods(string range, int size, string gateway, string first, string last)
    {
        var room = new AddressRange(IPNetwork.Parse(range));
        Assert.Equal((size, gateway, first), (room.Size, room.Gateway.ToString(), room.At(0).ToString()));
        Assert.Equal(IPAddress.Parse(last), room.At(Math.Min(size, 0xFFFD) - 1));
    }

    [Theory]
    [InlineData("10.9.8.2", 0)]
    [InlineData("10.9.8.6", 4)]
    [InlineData("10.9.8.1", null)]
    [InlineData("10.9.8.7", null)]
    [InlineData("10.1.1.1", null)]
    public void A_pods_address_has_a_number(string address, int? number) => Assert.Equal(number, Small.IndexOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.9.8.0/24", true)]
    [InlineData("10.9.8.4/32", true)]
    [InlineData("10.9.8.8/29", false)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("::/0", false)]
    public void A_range_knows_what_it_overlaps_with(string other, bool overlaps) => Assert.Equal(overlaps, Small.Overlaps(IPNetwork.Parse(other)));
}
