using System.Net;
using System.Net.Sockets;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Proxy;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Proxy;

/// <summary>Packets to services on this host's kernel: two pods that say their names, a third that asks, and the host.</summary>
public abstract class ServicePacketsContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private readonly int _nodePort = PortOfHost();
    private PacketPods _pods = null!;
    private RuleTable _table = null!;
    private PodNetwork _a = null!, _b = null!, _client = null!;

    public virtual async Task InitializeAsync()
    {
        _pods = await PacketPods.StartAsync(Pods.ToString(), Room);
        (_a, _b, _client) = (await _pods.AddAsync("a"), await _pods.AddAsync("b"), await _pods.AddAsync("client"));
        await _pods.ServeAsync(_a, "a", 8080);
        await _pods.ServeAsync(_b, "b", 8080);
        _table = ServiceRules.Table(_pods.Names);
        await ApplyAsync(_table.Whole());
    }

    public virtual async Task DisposeAsync() => await _pods.DisposeAsync();

    /// <summary>The family of all addresses.</summary>
    private protected abstract PacketFamily Family { get; }

    /// <summary>The address with a number that is no pod's.</summary>
    private protected abstract string Other(int number);

    /// <summary>Addresses of all pods.</summary>
    private protected abstract IPNetwork Pods { get; }

    /// <summary>Addresses of the node's pods.</summary>
    private protected abstract string Room { get; }

    /// <summary>Addresses of a cluster to which the pods are strangers.</summary>
    private protected abstract IPNetwork Nobody { get; }

    /// <summary>An address of this host.</summary>
    private protected abstract IPAddress HostAddress();

    private string Address => Other(9);

    private string Outer => Other(10);

    [Fact]
    public async Task A_service_leads_to_each_of_its_endpoints_from_pods_and_from_the_host()
    {
        await ChangeAsync(Route(At(_a), At(_b)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(_client, Address, 80)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(null, Address, 80)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(_a, Address, 80)));
        var host = HostAddress();
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(null, host.ToString(), _nodePort)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(_client, host.ToString(), _nodePort)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(_client, Outer, 80)));
    }

    [Fact]
    public async Task A_pod_reaches_itself_through_its_service()
    {
        await ChangeAsync(Route(At(_a)));
        Assert.Equal("a", await _pods.AskAsync(_a, Address, 80));
    }

    [Fact]
    public async Task A_service_without_endpoints_refuses_at_once_and_so_does_a_port_that_it_does_not_have()
    {
        var host = HostAddress().ToString();
        await ChangeAsync(Route());
        foreach (var (from, address, port) in new[] { (_client, Address, 80), (null, Address, 80), (_client, Outer, 80), (_client, host, _nodePort) })
        {
            Assert.Equal("refused", await _pods.AskAsync(from, address, port));
        }

        await ChangeAsync(Route(At(_a)));
        Assert.Equal("a", await _pods.AskAsync(_client, Address, 80));
        Assert.Equal("a", await _pods.AskAsync(_client, host, _nodePort));
        Assert.Equal("refused", await _pods.AskAsync(_client, Address, 81));
        await ChangeAsync(Route(At(_a) with { IsReady = false }, At(_b) with { IsReady = false, IsDraining = true }));
        Assert.Equal("b", await _pods.AskAsync(_client, Address, 80));
    }

    [Fact]
    public async Task A_client_stays_with_its_endpoint_as_long_as_there_is_one()
    {
        await ChangeAsync(Route(At(_a), At(_b)) with { Affinity = 60 });
        var first = await _pods.AskAsync(_client, Address, 80);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(first, await _pods.AskAsync(_client, Address, 80));
        }

        var (kept, other) = first == "a" ? (_a, _b) : (_b, _a);
        await ChangeAsync(Route(At(kept)) with { Affinity = 60 });
        await ChangeAsync(Route(At(kept), At(other)) with { Affinity = 60 });
        Assert.Equal(first, await _pods.AskAsync(_client, Address, 80));
        await ChangeAsync(Route(At(other)) with { Affinity = 60 });
        Assert.NotEqual(first, await _pods.AskAsync(_client, Address, 80));

        // Another time counts at once.
        await ChangeAsync(Route(At(kept), At(other)) with { Affinity = 1 });
        Assert.Contains("timeout 1s", await TableAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("timeout 1m", await TableAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_of_this_node_alone_take_what_is_to_stay_on_it()
    {
        var host = HostAddress().ToString();
        var (mine, others) = (Route(At(_a), At(_b) with { IsLocal = false }) with { IsInternalLocal = true, IsExternalLocal = true }, Route(At(_a) with { IsLocal = false }) with { IsInternalLocal = true, IsExternalLocal = true });
        await ChangeAsync(mine);
        Assert.Equal(["a"], await AnswersAsync(() => _pods.AskAsync(_client, Address, 80)));

        // Pods and the node have the whole service.
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(null, host, _nodePort)));
        Assert.Equal(["a", "b"], await AnswersAsync(() => _pods.AskAsync(_client, host, _nodePort)));
        await ChangeAsync(mine, Nobody);
        Assert.Equal(["a"], await AnswersAsync(() => _pods.AskAsync(_client, host, _nodePort)));
        Assert.Equal(["a"], await AnswersAsync(() => _pods.AskAsync(_client, Outer, 80)));
        await ChangeAsync(others);
        Assert.Equal("refused", await _pods.AskAsync(_client, Address, 80));
        Assert.Equal("a", await _pods.AskAsync(_client, host, _nodePort));
        await ChangeAsync(others, Nobody);
        Assert.Equal("silent", await _pods.AskAsync(_client, host, _nodePort, Patience));
        Assert.Equal("silent", await _pods.AskAsync(_client, Outer, 80, Patience));
    }

    [Fact]
    public async Task A_load_balancer_lets_in_whom_it_is_to_let_in()
    {
        var route = Route(At(_a)) with { ExternalAddresses = [], BalancerAddresses = [Outer] };
        await ChangeAsync(route with { Sources = [Room] }, Nobody);
        Assert.Equal("a", await _pods.AskAsync(_client, Outer, 80));
        await ChangeAsync(route with { Sources = [.. (Family == PacketFamily.IPv4 ? (string[])["192.0.2.0/24", "198.51.100.7/32"] : ["2001:db8::/64", "2001:db8:1::7/128"])] }, Nobody);
        Assert.Equal("silent", await _pods.AskAsync(_client, Outer, 80, Patience));
        Assert.Equal("a", await _pods.AskAsync(_client, Address, 80));
        await ChangeAsync(route with { Sources = [] }, Nobody);
        Assert.Equal("silent", await _pods.AskAsync(_client, Outer, 80, Patience));
    }

    [Fact]
    public async Task Addresses_of_nodes_lead_to_services_on_their_node_where_no_process_listens()
    {
        var host = HostAddress().ToString();
        var nodes = new NodeAddresses(new HashSet<string> { host }, new HashSet<string> { Outer }, protocol => new HashSet<int> { protocol == "TCP" ? 22 : 53 }, () => new HashSet<string> { Other(32) });
        await ApplyAsync(_table.Change([new("default/web", ServiceRules.Of(Route(At(_a)) with { ExternalAddresses = [Outer], BalancerAddresses = [host, Other(31)] }, Pods, nodes))]));
        Assert.Equal("a", await _pods.AskAsync(_client, host, 80));
        Assert.Equal("a", await _pods.AskAsync(_client, Other(31), 80));
        Assert.DoesNotContain($"{Outer} . tcp", await TableAsync(), StringComparison.Ordinal);
        var ssh = Route(At(_a)) with { ExternalAddresses = [], BalancerAddresses = [host], Ports = [new RoutedPort(22, "TCP", 0, [At(_a)])] };
        await ApplyAsync(_table.Change([new("default/web", ServiceRules.Of(ssh, Pods, nodes))]));
        Assert.DoesNotContain($"{host} . tcp", await TableAsync(), StringComparison.Ordinal);

        // Nor at another network of the host.
        await ApplyAsync(_table.Change([new("default/web", ServiceRules.Of(ssh with { BalancerAddresses = [], ExternalAddresses = [Other(32)], Ports = [.. ssh.Ports, new RoutedPort(53, "UDP", 0, [At(_a)]), new RoutedPort(80, "TCP", 0, [At(_a)])] }, Pods, nodes))]));
        var table = await TableAsync();
        Assert.Equal((false, false, true), (table.Contains($"{Other(32)} . tcp . 22"), table.Contains($"{Other(32)} . udp . 53"), table.Contains($"{Other(32)} . tcp . 80")));
    }

    [Fact]
    public async Task A_port_of_an_address_that_two_have_is_that_of_the_older_also_while_it_has_no_endpoint()
    {
        OwnedRules Rules(string name, int second, params RoutedEndpoint[] endpoints) =>
            ServiceRules.Of(Route(endpoints) with { Name = name, Address = Other(20 + second), Since = DateTime.UnixEpoch.AddSeconds(second) }, Nobody);
        await ApplyAsync(_table.Change([new("default/a", Rules("a", 2, At(_a))), new("default/b", Rules("b", 1, At(_b)))]));
        Assert.Equal("b", await _pods.AskAsync(_client, Outer, 80));
        await ApplyAsync(_table.Change([new("default/b", Rules("b", 1))]));
        Assert.Equal("refused", await _pods.AskAsync(_client, Outer, 80));
        await ApplyAsync(_table.Change([new("default/b", Rules("b", 3, At(_b)))]));
        Assert.Equal("a", await _pods.AskAsync(_client, Outer, 80));
        await ApplyAsync(_table.Change([new("default/a", OwnedRules.None)]));
        Assert.Equal("b", await _pods.AskAsync(_client, Outer, 80));
    }

    [Fact]
    public async Task An_address_that_a_service_was_given_is_its_own_whoever_named_it_before()
    {
        ServiceRoute Of(string name, int second, params RoutedEndpoint[] endpoints) => Route(endpoints) with { Name = name, Address = Other(20 + second), Since = DateTime.UnixEpoch.AddSeconds(second) };
        var (squatter, given) = (Of("a", 1, At(_a)), Of("b", 2, At(_b)) with { ExternalAddresses = [], BalancerAddresses = [Outer], PoolAddresses = [Outer] });
        await ApplyAsync(_table.Change([new("default/a", ServiceRules.Of(squatter, Nobody))]));
        Assert.Equal("a", await _pods.AskAsync(_client, Outer, 80));
        await ApplyAsync(_table.Change([new("default/b", ServiceRules.Of(given, Nobody))]));
        Assert.Equal("b", await _pods.AskAsync(_client, Outer, 80));
        await ApplyAsync(_table.Change([new("default/b", ServiceRules.Of(given with { Ports = [new RoutedPort(80, "TCP", 0, [])] }, Nobody))]));
        Assert.Equal("refused", await _pods.AskAsync(_client, Outer, 80));
        await ApplyAsync(_table.Change([new("default/b", OwnedRules.None)]));
        Assert.Equal("a", await _pods.AskAsync(_client, Outer, 80));
    }

    [Fact]
    public async Task A_cluster_address_leads_to_nobody_else_also_without_endpoints_and_at_other_ports()
    {
        var (own, thief) = (Route() with { ExternalAddresses = [] }, Route(At(_b)) with { Name = "thief", Address = Other(21), ExternalAddresses = [Address], Ports = [new RoutedPort(80, "TCP", 0, [At(_b)]), new RoutedPort(81, "TCP", 0, [At(_b)])] });
        await ApplyAsync(_table.Change([new("default/thief", ServiceRules.Of(thief, Nobody)), new("default/web", ServiceRules.Of(own, Nobody))]));
        Assert.Equal("refused", await _pods.AskAsync(_client, Address, 80));
        Assert.Equal("refused", await _pods.AskAsync(_client, Address, 81));
        Assert.Equal("b", await _pods.AskAsync(_client, Other(21), 81));
        await ApplyAsync(_table.Change([new("default/web", ServiceRules.Of(own with { Ports = [new RoutedPort(80, "TCP", 0, [At(_a)])] }, Nobody))]));
        Assert.Equal("a", await _pods.AskAsync(_client, Address, 80));
    }

    [Fact]
    public async Task No_service_leads_pods_into_the_tunnel_of_hosts()
    {
        await _pods.ServeDatagramsAsync(_b, "b", PeerPlanner.TunnelPort);
        await _pods.ServeDatagramsAsync(_b, "b", 8080);
        await ChangeAsync(Route() with { Ports = [new RoutedPort(1000, "UDP", 0, [At(_b) with { Port = PeerPlanner.TunnelPort }]), new RoutedPort(1001, "UDP", 0, [At(_b)])] });
        Assert.Equal("b", await _pods.AskDatagramAsync(_client, Address, 1001));
        Assert.Equal("silent", await _pods.AskDatagramAsync(_client, Address, 1000, Patience));
    }

    [Fact]
    public async Task A_port_of_the_host_that_a_pod_has_is_the_pods_whatever_a_service_wants()
    {
        var (host, port) = (HostAddress().ToString(), PortOfHost());
        var own = await _pods.AddAsync("own", new HostPort("", port, 8080, "TCP"));
        await _pods.ServeAsync(own, "own", 8080);
        await ChangeAsync(Route(At(_a)) with { ExternalAddresses = [], BalancerAddresses = [host], Ports = [new RoutedPort(port, "TCP", port, [At(_a)])] });
        Assert.Equal("own", await _pods.AskAsync(_client, host, port));

        // Whichever table was written last.
        await ApplyAsync(_table.Whole());
        Assert.Equal("own", await _pods.AskAsync(_client, host, port));
        Assert.Equal("own", await _pods.AskAsync(null, host, port));
        await _pods.Network.RemoveAsync("own", _pods.Ends);
        Assert.Equal("a", await _pods.AskAsync(_client, host, port));
    }

    [Fact]
    public async Task A_sender_of_datagrams_that_goes_on_reaches_another_endpoint_once_its_own_is_gone()
    {
        await _pods.ServeDatagramsAsync(_a, "a", 8080);
        await _pods.ServeDatagramsAsync(_b, "b", 8080);
        var route = Route(At(_a)) with { Ports = [new RoutedPort(80, "UDP", 0, [At(_a)])] };
        await ChangeAsync(route);
        using var sender = await _pods.DatagramsAsync(_client, Address, 80);
        Assert.Equal("a", await _pods.SayAsync(sender));
        await ChangeAsync(route with { Ports = [new RoutedPort(80, "UDP", 0, [At(_b)])] });
        Assert.Equal("a", await _pods.SayAsync(sender));
        await DatagramFlow.ToPod($"{_a.Address}", 8080).ForgetAsync(_pods.Ends);
        Assert.Equal("b", await _pods.SayAsync(sender));
    }

    [Fact]
    public async Task An_address_of_the_node_that_no_pod_has_is_not_looked_for_elsewhere()
    {
        var error = await Assert.ThrowsAsync<SocketException>(() => _pods.ConnectAsync(_client, PodRoom.Of(Room).First.At(100).ToString(), 80));
        Assert.Equal(Family == PacketFamily.IPv4 ? SocketError.HostUnreachable : SocketError.NetworkUnreachable, error.SocketErrorCode);
    }

    [Fact]
    public async Task An_address_that_somebody_gives_his_service_takes_nothing_from_another()
    {
        await ChangeAsync(Route(At(_a)));
        await ChangeAsync(Route(At(_b)) with { Name = "a-thief", Address = Other(30), ExternalAddresses = [Address, _client.Address.ToString()] });
        Assert.Equal(["a"], await AnswersAsync(() => _pods.AskAsync(_client, Address, 80)));
        await _pods.ServeAsync(_client, "client", 80);
        Assert.Equal("client", await _pods.AskAsync(_a, _client.Address.ToString(), 80));
    }

    [Fact]
    public async Task Of_very_many_endpoints_a_client_stays_with_one_too()
    {
        var endpoints = Enumerable.Range(9000, 120).Select(port => At(_a) with { Port = port }).ToArray();
        foreach (var endpoint in endpoints)
        {
            await _pods.ServeAsync(_a, $"{endpoint.Port}", endpoint.Port);
        }

        await ChangeAsync(Route(endpoints) with { Affinity = 60 });
        Assert.Single(await AnswersAsync(() => _pods.AskAsync(_client, Address, 80)));
        Assert.DoesNotContain("timeout", await TableAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_change_cuts_a_connection_and_a_new_agent_makes_the_same_table()
    {
        await ChangeAsync(Route(At(_a)));
        using var open = await _pods.ConnectAsync(_client, Address, 80);
        await ChangeAsync(Route(At(_b)));
        Assert.Equal("b", await _pods.AskAsync(_client, Address, 80));
        var before = await TableAsync();
        await ApplyAsync(_table.Whole());
        Assert.Equal(before, await TableAsync());
        Assert.Equal("a", await _pods.SayAsync(open));
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
            var route = Route(some) with { Name = name, Address = Other(20 + name[1]), Affinity = random.Next(2) == 0 ? 30 : null, IsExternalLocal = random.Next(3) == 0, IsInternalLocal = random.Next(3) == 0, Since = DateTime.UnixEpoch.AddSeconds(random.Next(2)) };
            route = route with { Ports = [route.Ports[0] with { NodePort = random.Next(2) == 0 ? _nodePort + name[1] : 0 }] };
            await ApplyAsync(_table.Change([new($"default/{name}", random.Next(4) == 0 ? OwnedRules.None : ServiceRules.Of(route, Pods))]));
        }

        var step60 = await TableAsync();
        await ApplyAsync(_table.Whole());
        Assert.Equal(await TableAsync(), step60);
        await ApplyAsync(_table.Change([.. _table.Owners.ToList().Select(s => KeyValuePair.Create(s, OwnedRules.None))]));
        var empty = await TableAsync();
        await ApplyAsync(ServiceRules.Table(_pods.Names).Whole());
        Assert.Equal(await TableAsync(), empty);
    }

    private static RoutedEndpoint At(PodNetwork pod) => new(pod.Address.ToString(), 8080, true, true, false);

    private ServiceRoute Route(params RoutedEndpoint[] endpoints) => new("default", "web", Address, [Outer], [new RoutedPort(80, "TCP", _nodePort, [.. endpoints])], false, false, null) { Family = Family };

    private Task ChangeAsync(ServiceRoute route, IPNetwork? pods = null) => ApplyAsync(_table.Change([new($"default/{route.Name}", ServiceRules.Of(route, pods ?? Pods))]));

    private async Task ApplyAsync(string text)
    {
        if (text.Length > 0)
        {
            await HostTool.ApplyRulesAsync(text, _pods.Ends);
        }
    }

    private Task<string> TableAsync() => _pods.TableAsync(_pods.Names.ServiceTable);

    private static async Task<IReadOnlyList<string>> AnswersAsync(Func<Task<string>> ask)
    {
        var said = new SortedSet<string>();
        for (var i = 0; i < 40; i++)
        {
            said.Add(await ask());
        }

        return [.. said];
    }

    private static int PortOfHost()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Packets of IPv4.</summary>
public sealed class ServicePacketsSpec : ServicePacketsContract
{
    private protected override PacketFamily Family => PacketFamily.IPv4;

    private protected override IPNetwork Pods { get; } = IPNetwork.Parse("10.62.0.0/21");

    private protected override string Room => "10.62.7.0/25";

    private protected override IPNetwork Nobody { get; } = IPNetwork.Parse("10.62.0.0/25");

    private protected override string Other(int number) => $"10.62.9.{number}";

    private protected override IPAddress HostAddress()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(IPAddress.Parse("192.0.2.1"), 9);
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }
}

/// <summary>Packets of IPv6.</summary>
public sealed class ServicePacketsOfIPv6Spec : ServicePacketsContract
{
    private protected override PacketFamily Family => PacketFamily.IPv6;

    private protected override IPNetwork Pods { get; } = IPNetwork.Parse("fd00:62::/56");

    private protected override string Room => "fd00:62:0:7::/64";

    private protected override IPNetwork Nobody { get; } = IPNetwork.Parse("fd00:62:0:8::/64");

    private protected override string Other(int number) => $"fd00:62:9::{number:x}";

    private protected override IPAddress HostAddress() => IPAddress.Parse(Other(1));

    // The host may have none.
    public override async Task InitializeAsync()
    {
        await HostTool.RunAsync("ip", ["addr", "replace", $"{HostAddress()}/128", "dev", "lo"], "", CancellationToken.None);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await HostTool.RunAsync("ip", ["addr", "del", $"{HostAddress()}/128", "dev", "lo"], "", CancellationToken.None);
    }
}
