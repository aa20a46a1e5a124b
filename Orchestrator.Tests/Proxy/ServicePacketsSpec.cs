using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Tests.Proxy;

/// <summary>Packets to services on this host's kernel: two pods that say their names, a third that asks, and the host.</summary>
public sealed class ServicePacketsSpec : IAsyncLifetime
{
    private const string Address = "10.62.9.9";
    private const string Outer = "10.62.9.10";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly IPNetwork Pods = IPNetwork.Parse("10.62.0.0/21");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("services-");
    private readonly NetworkNames _names = NetworkNames.Of(Guid.NewGuid().ToString("N"));
    private readonly CancellationTokenSource _bound = new(Bound);
    private readonly List<Socket> _listeners = [];
    private readonly int _nodePort = PortOfHost();
    private RoutedNetwork _network = null!;
    private RuleTable _table = null!;
    private PodNetwork _a = null!, _b = null!, _client = null!;

    private CancellationToken Ends => _bound.Token;

    public async Task InitializeAsync()
    {
        _network = new RoutedNetwork(_names, Pods, new NetworkRecords(_folder.FullName), 0, TimeProvider.System);
        await _network.UseAsync("10.62.7.0/25", Ends);
        (_a, _b, _client) = (await PodAsync("a"), await PodAsync("b"), await PodAsync("client"));
        foreach (var (pod, name) in new[] { (_a, "a"), (_b, "b") })
        {
            await ServeAsync(pod, name);
        }

        _table = ServiceRules.Table(_names);
        await ApplyAsync(_table.Whole());
    }

    public async Task DisposeAsync()
    {
        _listeners.ForEach(l => l.Dispose());
        _network.Dispose();
        await NodeNetwork.RemoveAsync(_names, CancellationToken.None).WaitAsync(Bound);
        _folder.Delete(recursive: true);
        _bound.Dispose();
    }

    [Fact]
    public async Task A_service_leads_to_each_of_its_endpoints_from_pods_and_from_the_host()
    {
        await ChangeAsync(Route(At(_a), At(_b)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => AskAsync(_client, Address, 80)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => AskAsync(null, Address, 80)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => AskAsync(_a, Address, 80)));
        var host = HostAddress();
        Assert.Equal(["a", "b"], await AnswersAsync(() => AskAsync(null, host.ToString(), _nodePort)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => AskAsync(_client, host.ToString(), _nodePort)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => AskAsync(_client, Outer, 80)));
    }

    [Fact]
    public async Task A_pod_reaches_itself_through_its_service()
    {
        await ChangeAsync(Route(At(_a)));
        Assert.Equal("a", await AskAsync(_a, Address, 80));
    }

    [Fact]
    public async Task A_service_without_endpoints_refuses_at_once_and_so_does_a_port_that_it_does_not_have()
    {
        var host = HostAddress().ToString();
        await ChangeAsync(Route());
        foreach (var (from, address, port) in new[] { (_client, Address, 80), (null, Address, 80), (_client, Outer, 80), (_client, host, _nodePort) })
        {
            Assert.Equal("refused", await AskAsync(from, address, port));
        }

        await ChangeAsync(Route(At(_a)));
        Assert.Equal("a", await AskAsync(_client, Address, 80));
        Assert.Equal("a", await AskAsync(_client, host, _nodePort));
        Assert.Equal("refused", await AskAsync(_client, Address, 81));
        await ChangeAsync(Route(At(_a) with { IsReady = false }, At(_b) with { IsReady = false, IsDraining = true }));
        Assert.Equal("b", await AskAsync(_client, Address, 80));
    }

    [Fact]
    public async Task A_client_stays_with_its_endpoint_as_long_as_there_is_one()
    {
        await ChangeAsync(Route(At(_a), At(_b)) with { Affinity = 60 });
        var first = await AskAsync(_client, Address, 80);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(first, await AskAsync(_client, Address, 80));
        }

        var (kept, other) = first == "a" ? (_a, _b) : (_b, _a);
        await ChangeAsync(Route(At(kept)) with { Affinity = 60 });
        await ChangeAsync(Route(At(kept), At(other)) with { Affinity = 60 });
        Assert.Equal(first, await AskAsync(_client, Address, 80));
        await ChangeAsync(Route(At(other)) with { Affinity = 60 });
        Assert.NotEqual(first, await AskAsync(_client, Address, 80));

        // Another time counts at once.
        await ChangeAsync(Route(At(kept), At(other)) with { Affinity = 1 });
        Assert.Contains("timeout 1s", await TableAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("timeout 1m", await TableAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_of_this_node_alone_take_what_is_to_stay_on_it()
    {
        var host = HostAddress().ToString();
        await ChangeAsync(Route(At(_a), At(_b) with { IsLocal = false }) with { IsInternalLocal = true, IsExternalLocal = true });
        Assert.Equal(["a"], await AnswersAsync(() => AskAsync(_client, Address, 80)));
        Assert.Equal(["a"], await AnswersAsync(() => AskAsync(null, host, _nodePort)));
        await ChangeAsync(Route(At(_a) with { IsLocal = false }) with { IsInternalLocal = true, IsExternalLocal = true });
        Assert.Equal("refused", await AskAsync(_client, Address, 80));
    }

    [Fact]
    public async Task No_change_cuts_a_connection_and_a_new_agent_makes_the_same_table()
    {
        await ChangeAsync(Route(At(_a)));
        using var open = await ConnectAsync(_client, Address, 80);
        await ChangeAsync(Route(At(_b)));
        Assert.Equal("b", await AskAsync(_client, Address, 80));
        var before = await TableAsync();
        await ApplyAsync(_table.Whole());
        Assert.Equal(before, await TableAsync());
        Assert.Equal("a", await SayAsync(open));
    }

    [Fact]
    public async Task Changes_one_by_one_come_to_the_same_as_all_at_once()
    {
        var random = new Random(7);
        var endpoints = new[] { At(_a), At(_b), At(_client) with { IsLocal = false } };
        for (var step = 0; step < 60; step++)
        {
            var some = endpoints.Where(_ => random.Next(2) == 0).Select(e => e with { IsReady = random.Next(4) > 0, IsDraining = random.Next(2) == 0 }).ToArray();
            var name = $"s{random.Next(3)}";

            // Two of them want the same outer address and port.
            var route = Route(some) with { Name = name, Address = $"10.62.9.{20 + name[1]}", Affinity = random.Next(2) == 0 ? 30 : null, IsExternalLocal = random.Next(3) == 0, IsInternalLocal = random.Next(3) == 0 };
            route = route with { Ports = [route.Ports[0] with { NodePort = random.Next(2) == 0 ? _nodePort + name[1] : 0 }] };
            await ApplyAsync(_table.Change([new($"default/{name}", random.Next(4) == 0 ? OwnedRules.None : ServiceRules.Of(route, Pods))]));
        }

        var step60 = await TableAsync();
        await ApplyAsync(_table.Whole());
        Assert.Equal(await TableAsync(), step60);
        await ApplyAsync(_table.Change([.. _table.Owners.ToList().Select(s => KeyValuePair.Create(s, OwnedRules.None))]));
        var empty = await TableAsync();
        await ApplyAsync(ServiceRules.Table(_names).Whole());
        Assert.Equal(await TableAsync(), empty);
    }

    private static RoutedEndpoint At(PodNetwork pod) => new(pod.Address.ToString(), 8080, true, true, false);

    private ServiceRoute Route(params RoutedEndpoint[] endpoints) => new("default", "web", Address, [Outer], [new RoutedPort(80, "TCP", _nodePort, [.. endpoints])], false, false, null);

    private async Task<PodNetwork> PodAsync(string uid) => await _network.AddAsync(uid, new PodNetworkWish([], []), Ends);

    private Task ChangeAsync(ServiceRoute route) => ApplyAsync(_table.Change([new($"default/{route.Name}", ServiceRules.Of(route, Pods))]));

    private async Task ApplyAsync(string text)
    {
        if (text.Length > 0)
        {
            await ServiceProxying.ApplyAsync(text, Ends);
        }
    }

    // In an order of its own: the kernel keeps chains and elements as they came.
    private async Task<string> TableAsync()
    {
        var text = await HostTool.RunAsync("nft", ["-y", "list", "table", "ip", _names.ServiceTable], "", Ends);
        var blocks = text.Split("\n\t}\n").Select(b => string.Join('\n', b.Split('\n').SelectMany(l => l.Contains("elements", StringComparison.Ordinal) || l.StartsWith("\t\t\t     ", StringComparison.Ordinal)
            ? l.Replace("elements = {", "", StringComparison.Ordinal).Trim(' ', '\t', '}', ',').Split(", ", StringSplitOptions.RemoveEmptyEntries) : [l]).Order(StringComparer.Ordinal)));
        return string.Join("\n}\n", blocks.Select(b => System.Text.RegularExpressions.Regex.Replace(b, " timeout [0-9a-z]+ expires [0-9a-z]+", "")).Order(StringComparer.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(Func<Task<string>> ask)
    {
        var said = new SortedSet<string>();
        for (var i = 0; i < 40; i++)
        {
            said.Add(await ask());
        }

        return [.. said];
    }

    private async Task<string> AskAsync(PodNetwork? from, string address, int port)
    {
        try
        {
            using var socket = await ConnectAsync(from, address, port);
            return await SayAsync(socket);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return "refused";
        }
    }

    private async Task<string> SayAsync(Socket socket)
    {
        var buffer = new byte[16];
        await socket.SendAsync("?"u8.ToArray(), Ends);
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Ends));
    }

    private async Task<Socket> ConnectAsync(PodNetwork? from, string address, int port)
    {
        var socket = await InAsync(from, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address), port, Ends);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ServeAsync(PodNetwork pod, string name)
    {
        var listener = await InAsync(pod, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 8080));
            socket.Listen();
            return socket;
        });
        _listeners.Add(listener);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(Ends);
                _ = Task.Run(async () =>
                {
                    using (socket)
                    {
                        while (await socket.ReceiveAsync(new byte[1], Ends) > 0)
                        {
                            await socket.SendAsync(Encoding.ASCII.GetBytes(name), Ends);
                        }
                    }
                }, Ends);
            }
        }, Ends);
    }

    private static async Task<Socket> InAsync(PodNetwork? pod, Func<Socket> make)
    {
        if (pod is null)
        {
            return make();
        }

        using var handle = File.OpenHandle(pod.Namespace);
        return await NamespaceThread.RunAsync(handle, make);
    }

    private static IPAddress HostAddress()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(IPAddress.Parse("192.0.2.1"), 9);
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }

    private static int PortOfHost()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
