using System.Net;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>The setting that says where load balancers get their addresses.</summary>
public sealed class LoadBalancingSpec
{
    private static readonly IPNetwork Pods = IPNetwork.Parse("10.244.0.0/14");

    [Theory]
    [InlineData("")]
    [InlineData("everything")]
    [InlineData("192.0.2.9-192.0.2.1")]
    [InlineData("192.0.2.1-192.1")]
    [InlineData("192.0.2.1-")]
    [InlineData("192.0.0.0/8")]
    [InlineData("fd00::/111")]
    [InlineData("192.0.2.1-fd00::1")]
    [InlineData("fd00:244::5-fd00:244::9")]
    [InlineData("192.0.2.0/24, bad")]
    [InlineData("10.245.0.0/24")]
    [InlineData("10.243.255.0-10.244.0.0")]
    public void What_is_no_setting_is_refused_with_a_reason(string text) =>
        Assert.StartsWith("load-balancer: ", Assert.Throws<FormatException>(() => LoadBalancing.Of(text, Pods, IPNetwork.Parse("fd00:244::/52"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pool_is_all_its_ranges_in_their_order()
    {
        var pool = LoadBalancing.Of("192.0.2.254-192.0.3.1, 198.51.100.4/31, 2001:db8::fffe-2001:db8::1:1", Pods);
        Assert.Equal(["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1", "198.51.100.4", "198.51.100.5"], pool.AddressesOf("IPv4"));
        Assert.Equal(["2001:db8::fffe", "2001:db8::ffff", "2001:db8::1:0", "2001:db8::1:1"], pool.AddressesOf("IPv6"));
        Assert.All([.. pool.AddressesOf("IPv4"), .. pool.AddressesOf("IPv6")], a => Assert.True(pool.Has(a)));
        Assert.All((string[])["192.0.2.253", "192.0.3.2", "198.51.100.6", "fd00::1", "2001:db8::1:2", "::192.0.2.254", "", "192.0.2"], a => Assert.False(pool.Has(a)));
        Assert.Equal((true, false), (LoadBalancing.Of("nodes", Pods).IsByNodes, LoadBalancing.Of("off", Pods).IsByNodes));
    }
}
