using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

/// <summary>The network of a node that the agent makes.</summary>
public sealed class RoutedNetworkSpec : PodNetworkContract
{
    private static readonly IPNetwork[] Clusters = [IPNetwork.Parse("10.63.0.0/16"), IPNetwork.Parse("fd00:63::/56")];

    private int _processes;

    private protected override IPNetwork Range { get; } = IPNetwork.Parse("10.63.7.0/25");

    [Fact]
    public async Task A_pod_cannot_send_in_the_name_of_another()
    {
        using var network = New(ahead: 0);
        await network.UseAsync(Range.ToString(), Ends);
        var (pod, other) = (await network.AddAsync("a", Nothing, Ends), await network.AddAsync("b", Nothing, Ends));
        await HostTool.RunAsync("ip", ["-n", Path.GetFileName(pod.Namespace), "addr", "add", $"{other.Address}/32", "dev", "eth0"], "", Ends);
        using var listener = new UdpClient(new IPEndPoint(IPAddress.Any, 0));
        var here = new IPEndPoint(new AddressRange(Range).Gateway, ((IPEndPoint)listener.Client.LocalEndPoint!).Port);
        using var handle = File.OpenHandle(pod.Namespace);
        foreach (var (from, text) in new[] { (other.Address, "false"), (pod.Address, "true") })
        {
            using var sender = await NamespaceThread.RunAsync(handle, () => new UdpClient(new IPEndPoint(from, 0)));
            await sender.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), here, Ends);
        }

        Assert.Equal("true", System.Text.Encoding.ASCII.GetString((await listener.ReceiveAsync(Ends)).Buffer));
    }

    [Fact]
    public async Task Whoever_asks_for_an_address_while_it_is_known_that_there_is_none_does_not_wait()
    {
        using var network = New(ahead: 0);
        await Assert.ThrowsAsync<NetworkException>(() => network.UseAsync(HostRange().ToString(), Ends));
        Assert.Contains("overlap with", (await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("a", Nothing, Ends).WaitAsync(TimeSpan.FromSeconds(5)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NetworkException>(() => network.UseAsync("10.63.7.0/31", Ends));
    }

    [Fact]
    public async Task A_range_that_the_host_uses_elsewhere_is_refused_and_whoever_waits_is_told()
    {
        using var network = New(ahead: 0);
        var waiting = network.AddAsync("a", Nothing, Ends);
        var refused = await Assert.ThrowsAsync<NetworkException>(() => network.UseAsync(HostRange().ToString(), Ends));
        Assert.Contains("overlap with", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, network.Fault);
        Assert.Equal(refused.Message, (await Assert.ThrowsAsync<NetworkException>(() => waiting)).Message);
        await network.UseAsync(Range.ToString(), Ends);
        Assert.Null(network.Fault);
        Assert.True(Range.Contains((await network.AddAsync("a", Nothing, Ends)).Address));
    }

    [Fact]
    public async Task Rules_that_somebody_took_away_come_back()
    {
        var time = new FakeTimeProvider();
        using var network = New(ahead: 0, time);
        await network.UseAsync(Range.ToString(), Ends);
        await HostTool.RunAsync("nft", ["delete", "table", "inet", Names.Table], "", Ends);
        await network.UseAsync(Range.ToString(), Ends);
        await Assert.ThrowsAsync<NetworkException>(() => HostTool.RunAsync("nft", ["list", "table", "inet", Names.Table], "", Ends));
        time.Advance(TimeSpan.FromMinutes(5));
        await network.UseAsync(Range.ToString(), Ends);
        Assert.Contains("masquerade", await HostTool.RunAsync("nft", ["list", "table", "inet", Names.Table], "", Ends), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_are_made_ahead_and_taken()
    {
        using var network = New(ahead: 3);
        await network.UseAsync(Range.ToString(), Ends);
        await Until(3);
        var before = new NamespaceMaker(Names).Present().ToHashSet();
        var pod = await network.AddAsync("a", Nothing, Ends);
        Assert.Contains(Names.For(pod.Address), before);
        await Until(4);
    }

    [Theory]
    [InlineData("10.63.8.0/25,fd00:63:0:8::/64")]
    [InlineData("fd00:63:0:9::/64")]
    public async Task Pods_reach_each_other_and_the_host_by_all_their_addresses(string ranges)
    {
        using var network = New(ahead: 0);
        await network.UseAsync(ranges, Ends);
        var (one, other) = (await network.AddAsync("a", Nothing, Ends), await network.AddAsync("b", Nothing, Ends));
        Assert.Equal(ranges.Split(',').Length, one.Addresses.All.Count());
        using var handle = File.OpenHandle(one.Namespace);
        using var there = File.OpenHandle(other.Namespace);
        foreach (var (target, room) in other.Addresses.All.Zip(PodRoom.Of(ranges).All))
        {
            using var inPod = await ListenAsync(there, target);
            using var onHost = await ListenAsync(null, room.Gateway);
            foreach (var listener in new[] { inPod, onHost })
            {
                await ConnectAsync(handle, listener);
            }

            await ConnectAsync(null, inPod);
        }

        // What a pod says of ways, and in the name of others, is not believed.
        Assert.Equal("0", (await File.ReadAllTextAsync($"/proc/sys/net/ipv6/conf/{Names.For(one.Address)}/accept_ra", Ends)).Trim());
        using var next = New(ahead: 0);
        Assert.Equal(one, next.Find("a"));
    }

    private async Task<Socket> ListenAsync(SafeFileHandle? place, IPAddress address)
    {
        return place is null ? Listen() : await NamespaceThread.RunAsync(place, Listen).WaitAsync(Ends);

        Socket Listen()
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            socket.Listen();
            return socket;
        }
    }

    private async Task ConnectAsync(SafeFileHandle? place, Socket listener)
    {
        var target = (IPEndPoint)listener.LocalEndPoint!;
        using var client = place is null ? Make() : await NamespaceThread.RunAsync(place, Make);
        var accepted = listener.AcceptAsync(Ends);
        await client.ConnectAsync(target, Ends);
        using var server = await accepted;

        Socket Make() => new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    }

    private async Task Until(int count)
    {
        while (new NamespaceMaker(Names).Present().Count(NamespaceMaker.Exists) < count)
        {
            await Task.Delay(50, Ends);
        }
    }

    // The first process has networks ahead, which the next one removes.
    private protected override IPodNetwork New() => New(ahead: _processes++ == 0 ? 2 : 0);

    private RoutedNetwork New(int ahead, TimeProvider? time = null) => new(Names, Clusters, new NetworkRecords(Path.Combine(Folder.FullName, "network")), ahead, time ?? TimeProvider.System);

    private static IPNetwork HostRange()
    {
        var own = HostInterfaces.Addresses().Select(a => a.Unicast)
            .First(a => a.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a.Address) && a.PrefixLength is > 0 and < 32).Address;
        var bytes = own.GetAddressBytes();
        return new IPNetwork(new IPAddress([bytes[0], 0, 0, 0]), 8);
    }
}
