using System.Net;
using System.Net.Sockets;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Network;

/// <summary>What every network of pods keeps, on this host's kernel, without an engine.</summary>
public abstract class PodNetworkContract : IAsyncLifetime
{
    private protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private protected static readonly PodNetworkWish Nothing = new([], []);
    private readonly CancellationTokenSource _bound = new(Bound);
    private readonly List<IPodNetwork> _made = [];

    private protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("network-");

    private protected NetworkNames Names { get; } = NetworkNames.Of(Guid.NewGuid().ToString("N"));

    private protected CancellationToken Ends => _bound.Token;

    /// <summary>The range of the node.</summary>
    private protected abstract IPNetwork Range { get; }

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        _made.OfType<IDisposable>().ToList().ForEach(n => n.Dispose());
        await NodeNetwork.RemoveAsync(Names, CancellationToken.None).WaitAsync(Bound);
        Assert.Empty(new NamespaceMaker(Names).Present());
        Folder.Delete(recursive: true);
        _bound.Dispose();
    }

    [RootFact]
    public async Task A_pod_keeps_its_address_over_a_kill_and_what_nobody_has_is_removed()
    {
        var network = await BeginAsync();
        var first = await network.AddAsync("a", Nothing, Ends);
        var second = await network.AddAsync("b", Nothing, Ends);
        Assert.Equal(first, await network.AddAsync("a", Nothing, Ends));
        Assert.NotEqual(first.Address, second.Address);
        Assert.True(network.IsPod(first.Address));

        // Another process: the one before said no goodbye.
        (network as IDisposable)?.Dispose();
        var next = Make();
        Assert.Equal(first, next.Find("a"));
        await next.KeepAsync(new HashSet<string> { "a" }, Ends);
        await next.UseAsync(Range.ToString(), Ends);
        Assert.Null(next.Find("b"));
        Assert.Equal([Path.GetFileName(first.Namespace)], new NamespaceMaker(Names).Present());
        Assert.NotEqual(first.Address, (await next.AddAsync("c", Nothing, Ends)).Address);

        await next.RemoveAsync("a", Ends);
        await next.RemoveAsync("a", Ends);
        Assert.Null(next.Find("a"));
        Assert.Single(new NamespaceMaker(Names).Present());
    }

    [RootFact]
    public async Task The_host_reaches_a_pod_and_the_pods_port_of_the_host_leads_to_it()
    {
        var network = await BeginAsync();
        var port = FreePort.Next();
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

    [RootFact]
    public async Task What_a_pod_wants_and_cannot_have_is_said()
    {
        var network = await BeginAsync();
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

    [RootFact]
    public async Task A_port_of_the_host_is_one_pod_s()
    {
        var network = await BeginAsync();
        var port = FreePort.Next();
        await network.AddAsync("a", new PodNetworkWish([new HostPort("", port, 80, "TCP")], []), Ends);
        var refused = await Assert.ThrowsAsync<NetworkException>(() => network.AddAsync("b", new PodNetworkWish([new HostPort("127.0.0.1", port, 80, "TCP")], []), Ends));
        Assert.Contains("another pod of the node has it", refused.Message, StringComparison.Ordinal);
        await network.AddAsync("b", new PodNetworkWish([new HostPort("", port, 80, "UDP")], []), Ends);
        await network.RemoveAsync("a", Ends);
        await network.AddAsync("c", new PodNetworkWish([new HostPort("127.0.0.1", port, 80, "TCP")], []), Ends);
    }

    /// <summary>A network of this node, as a process that begins has it.</summary>
    private protected abstract IPodNetwork New();

    /// <summary>One that is ready.</summary>
    private protected async Task<IPodNetwork> BeginAsync()
    {
        var network = Make();
        await network.UseAsync(Range.ToString(), Ends);
        return network;
    }

    private IPodNetwork Make()
    {
        var network = New();
        _made.Add(network);
        return network;
    }
}
