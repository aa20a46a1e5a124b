using System.Net;
using CsCheck;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class PodRoomSpec
{
    private static readonly PodRoom Small = PodRoom.Of("10.9.8.0/29");
    private static readonly PodRoom Both = PodRoom.Of("10.9.8.0/29,fd00:9::/64");

    [Theory]
    [InlineData(null, "10.9.8.2,fd00:9::2")]
    [InlineData("10.9.8.2", "10.9.8.3,fd00:9::3")]
    [InlineData("10.9.8.6", "10.9.8.2,fd00:9::2")]
    [InlineData("10.1.1.1", "10.9.8.2,fd00:9::2")]
    public void Addresses_are_used_again_as_late_as_possible(string? last, string next) =>
        Assert.Equal(next, Both.Next(new HashSet<IPAddress>(), last is null ? null : new PodAddresses(IPAddress.Parse(last)))?.ToString());

    [Fact]
    public void A_place_is_taken_when_one_of_its_addresses_is() =>
        Assert.Equal("10.9.8.5,fd00:9::5", Both.Next(new HashSet<IPAddress> { IPAddress.Parse("10.9.8.2"), IPAddress.Parse("fd00:9::3"), IPAddress.Parse("fd00:9::4") }, null)?.ToString());

    [Fact]
    public void No_address_is_given_twice_while_it_is_in_use() => Gen.Int[0, 3].Array[0, 80].Sample(steps =>
    {
        foreach (var room in new[] { Small, Both })
        {
            HashSet<IPAddress> used = [];
            List<PodAddresses> pods = [];
            PodAddresses? last = null;
            foreach (var step in steps)
            {
                if (step == 0 && pods.Count > 0)
                {
                    used.ExceptWith(pods[0].All);
                    pods.RemoveAt(0);
                }
                else if (room.Next(used, last) is { } next)
                {
                    Assert.All(next.All, a => Assert.True(used.Add(a)));
                    pods.Add(next);
                    last = next;
                }
                else
                {
                    Assert.Equal(room.Size, pods.Count);
                }
            }
        }
    });

    [Theory]
    [InlineData("10.9.8.0/31", "no range with room for pods")]
    [InlineData("nonsense", "no range with room for pods")]
    [InlineData("10.9.8.0/24,10.9.9.0/24", "not of different families")]
    [InlineData("10.9.8.0/24,fd00::/64,fd01::/64", "not of different families")]
    public void What_is_no_room_for_pods_is_said(string ranges, string why) => Assert.Contains(why, Assert.Throws<NetworkException>(() => PodRoom.Of(ranges)).Message, StringComparison.Ordinal);
}
