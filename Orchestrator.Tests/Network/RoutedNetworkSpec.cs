using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

/// <summary>The network of a node on this host's kernel, without an engine.</summary>
public sealed class RoutedNetworkSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly PodNetworkWish Nothing = new([], []);
    private static readonly IPNetwork Cluster = IPNetwork.Parse("10.63.0.0/16");
    private static readonly IPNetwork Range = IPNetwork.Parse("10.63.7.0/25");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("network-");
    private readonly NetworkNames _names = NetworkNames.Of(Guid.NewGuid().ToString("N"));
    private readonly CancellationTokenSource _bound = new(Bound);

    private CancellationToken Ends => _bound.Token;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await NodeNetwork.RemoveAsync(_names, CancellationToken.None).WaitAsync(Bound);
        Assert.Empty(new NamespaceMaker(_names).Present());
        _folder.Delete(recursive: true);
        _bound.Dispose();
    }

    [Fact]
    public async Task A_pod_keeps_its_address_over_a_kill_and_what_nobody_has_is_removed()
    {
        PodNetwork first, second;
        using (var network = New(ahead: 2))
        {
            await network.UseAsync(Range.ToString(), Ends);
            first = await network.AddAsync("a", Nothing, Ends);
            second = await network.AddAsync("b", Nothing, Ends);
            Assert.Equal(first, await network.AddAsync("a", Nothing, Ends));
            Assert.NotEqual(first.Address, second.Address);
        }

        // Another process: the one before said no goodbye.
        using var next = New(ahead: 0);
        Assert.Equal(first, next.Find("a"));
        await next.KeepAsync(new HashSet<string> { "a" }, Ends);
        await next.UseAsync(Range.ToString(), Ends);
        Assert.Null(next.Find("b"));
        Assert.Equal([_names.For(first.Address)], new NamespaceMaker(_names).Present());
        Assert.NotEqual(first.Address, (await next.AddAsync("c", Nothing, Ends)).Address);

        await next.RemoveAsync("a", Ends);
        Assert.Null(next.Find("a"));
        Assert.Single(new NamespaceMaker(_names).Present());
    }

    [Fact]
    public async Task The_host_reaches_a_pod_and_the_pods_port_of_the_host_leads_to_it()
    {
        using var network = New(ahead: 0);
        await network.UseAsync(Range.ToString(), Ends);
        var port = FreePort();
        var pod = await network.AddAsync("a", new PodNetworkWish([new HostPort("", port, 8080, "TCP")], [("net.ipv4.ip_unprivileged_port_start", "7")]), Ends);
        using var handle = File.OpenHandle(pod.Namespace);
        using var listener = await NamespaceThread.RunAsync(handle, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 8080));
            socket.Listen();
            return socket;
        });
        Assert.Equal("7", await NamespaceThread.RunAsync(handle, () => File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start").Trim()));
        foreach (var target in new[] { new IPEndPoint(pod.Address, 8080), new IPEndPoint(IPAddress.Loopback, port) })
        {
            using var client = new TcpClient();
            var accepted = listener.AcceptAsync(Ends);
            await client.ConnectAsync(target, Ends);
            using var server = await accepted;
        }

        await network.RemoveAsync("a", Ends);
        using var late = new TcpClient();
        await Assert.ThrowsAnyAsync<SocketException>(() => late.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Ends).AsTask());
    }

    [Fact]
    public async Task What_a_pod_wants_and_cannot_have_is_said()
    {
        using var network = New(ahead: 0);
        await network.UseAsync(Range.ToString(), Ends);
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var wish = new PodNetworkWish([new HostPort("", ((IPEndPoint)taken.LocalEndpoint).Port, 80, "TCP")], []);
        Assert.Contains("of the host cannot be used", (await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("a", wish, Ends))).Message, StringComparison.Ordinal);
        for (var tries = 0; tries < 2; tries++)
        {
            var refused = await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("b", new PodNetworkWish([], [("net.nonsense", "1")]), Ends));
            Assert.Contains("net.nonsense", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_of_the_host_is_one_pod_s()
    {
        using var network = New(ahead: 0);
        await network.UseAsync(Range.ToString(), Ends);
        var port = FreePort();
        await network.AddAsync("a", new PodNetworkWish([new HostPort("", port, 80, "TCP")], []), Ends);
        var refused = await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("b", new PodNetworkWish([new HostPort("127.0.0.1", port, 80, "TCP")], []), Ends));
        Assert.Contains("another pod of the node has it", refused.Message, StringComparison.Ordinal);
        await network.AddAsync("b", new PodNetworkWish([new HostPort("", port, 80, "UDP")], []), Ends);
        await network.RemoveAsync("a", Ends);
        await network.AddAsync("c", new PodNetworkWish([new HostPort("127.0.0.1", port, 80, "TCP")], []), Ends);
    }

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
        await HostTool.RunAsync("nft", ["delete", "table", "ip", _names.Table], "", Ends);
        await network.UseAsync(Range.ToString(), Ends);
        await Assert.ThrowsAsync<NetworkException>(() => HostTool.RunAsync("nft", ["list", "table", "ip", _names.Table], "", Ends));
        time.Advance(TimeSpan.FromMinutes(5));
        await network.UseAsync(Range.ToString(), Ends);
        Assert.Contains("masquerade", await HostTool.RunAsync("nft", ["list", "table", "ip", _names.Table], "", Ends), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_are_made_ahead_and_taken()
    {
        using var network = New(ahead: 3);
        await network.UseAsync(Range.ToString(), Ends);
        await Until(3);
        var before = new NamespaceMaker(_names).Present().ToHashSet();
        var pod = await network.AddAsync("a", Nothing, Ends);
        Assert.Contains(_names.For(pod.Address), before);
        await Until(4);
    }

    private async Task Until(int count)
    {
        while (new NamespaceMaker(_names).Present().Count(NamespaceMaker.Exists) < count)
        {
            await Task.Delay(50, Ends);
        }
    }

    private RoutedNetwork New(int ahead, TimeProvider? time = null) => new(_names, Cluster, new NetworkRecords(Path.Combine(_folder.FullName, "network")), ahead, time ?? TimeProvider.System);

    private static IPNetwork HostRange()
    {
        var own = HostInterfaces.Addresses().Select(a => a.Unicast)
            .First(a => a.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a.Address) && a.PrefixLength is > 0 and < 32).Address;
        var bytes = own.GetAddressBytes();
        return new IPNetwork(new IPAddress([bytes[0], 0, 0, 0]), 8);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Any, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
