using System.Net;
using System.Net.Sockets;
using System.Text;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Orchestrator.Node.Dns;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Dns;

/// <summary>The server of names on a socket, with a client of the same library and servers of the host that are played.</summary>
public sealed class ClusterDnsSpec : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly IPNetwork Pods = IPNetwork.Parse("10.244.0.0/14");
    private readonly Upstream _upstream = new();
    private readonly ClusterDns _server;
    private readonly int _port;
    private readonly DnsClient _udp;
    private readonly DnsClient _tcp;

    public ClusterDnsSpec()
    {
        var port = _port = FreePort.Next();
        _server = new ClusterDns(_upstream, TimeProvider.System, (what, why) => throw new InvalidOperationException(what, why), Pods.Contains, port)
        {
            Zone = DnsZone.Empty
                .With("default", "web", new DnsService("default", "web", [IPAddress.Parse("10.96.0.9"), IPAddress.Parse("fd00:96::9")], null, [new DnsPort("http", "tcp", 80)], []))
                .With("default", "out", new DnsService("default", "out", [], "example.com", [], []))
                .With("default", "far", new DnsService("default", "far", [], "out.default.svc.cluster.local", [], []))
                .With("default", "lost", new DnsService("default", "lost", [], "nobody.default.svc.cluster.local", [], []))
                .With("default", "ring", new DnsService("default", "ring", [], "ring.default.svc.cluster.local", [], []))
                .With("default", "few", new DnsService("default", "few", [], null, [], [.. Enumerable.Range(0, 5).Select(i => new DnsEndpoint($"e{i}", IPAddress.Parse($"10.1.0.{i}"), []))]))
                .With("default", "many", new DnsService("default", "many", [], null, [], [.. Enumerable.Range(0, 200).Select(i => new DnsEndpoint($"e{i}", IPAddress.Parse($"10.1.0.{i}"), []))])),
        };
        _server.Serve(IPAddress.Loopback);
        _udp = new DnsClient([IPAddress.Loopback], [new UdpClientTransport(port)], true, 5000);
        _tcp = new DnsClient([IPAddress.Loopback], [new TcpClientTransport(port)], true, 5000);
    }

    [Fact]
    public async Task Names_of_the_cluster_are_answered_by_both_protocols()
    {
        foreach (var client in new[] { _udp, _tcp })
        {
            var answer = await AskAsync(client, "WEB.default.svc.cluster.local", RecordType.A);
            Assert.True(answer.IsAuthoritiveAnswer);
            Assert.Equal("10.96.0.9", Assert.Single(answer.AnswerRecords.OfType<ARecord>()).Address.ToString());
            Assert.Equal("fd00:96::9", Assert.Single((await AskAsync(client, "web.default.svc.cluster.local", RecordType.Aaaa)).AnswerRecords.OfType<AaaaRecord>()).Address.ToString());
            var service = Assert.Single((await AskAsync(client, "_http._tcp.web.default.svc.cluster.local", RecordType.Srv)).AnswerRecords.OfType<SrvRecord>());
            Assert.Equal((80, "web.default.svc.cluster.local."), (service.Port, service.Target.ToString()));
        }

        Assert.Empty(_upstream.Asked);
    }

    [Fact]
    public async Task What_is_not_there_is_said_and_may_be_remembered_for_a_moment()
    {
        var missing = await AskAsync(_udp, "nobody.default.svc.cluster.local", RecordType.A);
        Assert.Equal(ReturnCode.NxDomain, missing.ReturnCode);
        Assert.Equal(5, Assert.Single(missing.AuthorityRecords.OfType<SoaRecord>()).NegativeCachingTTL);
        var nothing = await AskAsync(_udp, "web.default.svc.cluster.local", RecordType.Mx);
        Assert.Equal((ReturnCode.NoError, 0), (nothing.ReturnCode, nothing.AnswerRecords.Count));
        Assert.Single(nothing.AuthorityRecords);
    }

    [Fact]
    public async Task Others_are_asked_once_for_names_that_are_not_of_the_cluster()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("192.0.2.1", Assert.Single((await AskAsync(_udp, "example.com", RecordType.A)).AnswerRecords.OfType<ARecord>()).Address.ToString());
            Assert.Equal(ReturnCode.NxDomain, (await AskAsync(_udp, "missing.example.com", RecordType.A)).ReturnCode);
        }

        Assert.Equal(["example.com.", "missing.example.com."], _upstream.Asked.Order());
        Assert.Equal(ReturnCode.ServerFailure, (await AskAsync(_udp, "silent.example.com", RecordType.A)).ReturnCode);
    }

    [Fact]
    public async Task An_alias_comes_with_what_it_leads_to()
    {
        var answer = await AskAsync(_udp, "out.default.svc.cluster.local", RecordType.A);
        Assert.Equal("example.com.", Assert.Single(answer.AnswerRecords.OfType<CNameRecord>()).CanonicalName.ToString());
        Assert.Equal("192.0.2.1", Assert.Single(answer.AnswerRecords.OfType<ARecord>()).Address.ToString());
    }

    [Fact]
    public async Task An_alias_of_an_alias_is_followed_to_its_end_and_a_ring_has_none()
    {
        var answer = await AskAsync(_udp, "far.default.svc.cluster.local", RecordType.A);
        Assert.Equal(["out.default.svc.cluster.local.", "example.com."], answer.AnswerRecords.OfType<CNameRecord>().Select(c => c.CanonicalName.ToString()));
        Assert.Equal("192.0.2.1", Assert.Single(answer.AnswerRecords.OfType<ARecord>()).Address.ToString());
        Assert.Equal(ReturnCode.ServerFailure, (await AskAsync(_udp, "ring.default.svc.cluster.local", RecordType.A)).ReturnCode);
    }

    [Fact]
    public async Task An_alias_of_nobody_is_no_name()
    {
        var answer = await AskAsync(_udp, "lost.default.svc.cluster.local", RecordType.A);
        Assert.Equal((ReturnCode.NxDomain, "nobody.default.svc.cluster.local."), (answer.ReturnCode, Assert.Single(answer.AnswerRecords.OfType<CNameRecord>()).CanonicalName.ToString()));
        Assert.Single(answer.AuthorityRecords.OfType<SoaRecord>());
    }

    [Fact]
    public async Task What_nobody_knows_the_size_of_is_not_kept()
    {
        for (var i = 0; i < 2; i++)
        {
            Assert.Single((await AskAsync(_tcp, "large.example.com", (RecordType)65400)).AnswerRecords);
            Assert.Single((await AskAsync(_tcp, "text.example.com", RecordType.Txt)).AnswerRecords);
        }

        Assert.Equal(["large.example.com.", "large.example.com.", "text.example.com.", "text.example.com."], _upstream.Asked.Order());
    }

    [Fact]
    public async Task Each_pod_of_a_service_without_an_address_is_the_first_now_and_then()
    {
        var first = new HashSet<string>();
        await Poll.UntilAsync(async () =>
        {
            first.Add((await AskAsync(_udp, "few.default.svc.cluster.local", RecordType.A)).AnswerRecords.OfType<ARecord>().First().Address.ToString());
            return first.Count == 5;
        }, Bound, () => $"each of five was the first, and not only {string.Join(' ', first)}");
    }

    [Fact]
    public async Task A_client_that_asks_very_much_at_a_time_takes_nothing_from_others()
    {
        using var socket = new UdpClient(AddressFamily.InterNetwork);
        const int most = 100, more = 20;
        for (var i = 0; i < most + more; i++)
        {
            byte[] question = [(byte)(i >> 8), (byte)i, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. $"slow{i:000}.example.org".Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0, 0, 1, 0, 1];
            await socket.SendAsync(question, new IPEndPoint(IPAddress.Loopback, _port));
        }

        for (var i = 0; i < more; i++)
        {
            Assert.Equal((byte)ReturnCode.ServerFailure, (await socket.ReceiveAsync().WaitAsync(Bound)).Buffer[3] & 15);
        }

        Assert.InRange(_upstream.Asked.Count, 1, most);
        _upstream.Slow.SetResult();
        for (var i = 0; i < most; i++)
        {
            await socket.ReceiveAsync().WaitAsync(Bound);
        }

        Assert.Equal("192.0.2.1", Assert.Single((await AskAsync(_udp, "example.com", RecordType.A)).AnswerRecords.OfType<ARecord>()).Address.ToString());
    }

    [Fact]
    public async Task A_client_has_a_hundred_connections_and_no_more()
    {
        var open = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                open.Add(new TcpClient());
                await open[^1].ConnectAsync(IPAddress.Loopback, _port).WaitAsync(Bound);
            }

            using var more = new TcpClient();
            await more.ConnectAsync(IPAddress.Loopback, _port).WaitAsync(Bound);
            Assert.Equal(0, await more.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Bound));
            Assert.Single((await AskAsync(_udp, "web.default.svc.cluster.local", RecordType.A)).AnswerRecords);
        }
        finally
        {
            open.ForEach(c => c.Dispose());
        }

        Assert.Single((await AskAsync(_tcp, "web.default.svc.cluster.local", RecordType.A)).AnswerRecords);
    }

    [Fact]
    public async Task Whoever_is_neither_a_pod_nor_the_host_is_refused()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(IPAddress.Parse("192.0.2.1"), 9);
        var host = ((IPEndPoint)probe.LocalEndPoint!).Address;
        _server.Serve(host);
        var client = new DnsClient([host], [new UdpClientTransport(_port)], true, 5000);
        DnsMessage? answer = null;
        await Poll.UntilAsync(async () => (answer = await client.ResolveAsync(DomainName.Parse("example.com"), RecordType.A, RecordClass.INet, null, CancellationToken.None)) is not null, Bound, () => "it is answered");
        Assert.Equal(ReturnCode.Refused, answer!.ReturnCode);
        Assert.Empty(_upstream.Asked);
    }

    [Fact]
    public async Task What_is_too_long_for_a_packet_comes_by_the_other_protocol()
    {
        // By hand, because the client would go on by TCP: header, the name in pieces with their lengths, type A, class IN.
        using var socket = new UdpClient(AddressFamily.InterNetwork);
        byte[] question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. "many.default.svc.cluster.local".Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0, 0, 1, 0, 1];
        await socket.SendAsync(question, new IPEndPoint(IPAddress.Loopback, _port));
        var answer = (await socket.ReceiveAsync().WaitAsync(Bound)).Buffer;
        Assert.InRange(answer.Length, question.Length, 512);
        Assert.Equal((7, 2), (answer[1], answer[2] & 2));
        Assert.Equal(200, (await AskAsync(_tcp, "many.default.svc.cluster.local", RecordType.A)).AnswerRecords.Count);
    }

    [Fact]
    public async Task One_that_stops_leaves_its_place_to_the_next_and_may_come_back()
    {
        await AskAsync(_udp, "web.default.svc.cluster.local", RecordType.A);
        _server.Stop();
        using (var next = new ClusterDns(_upstream, TimeProvider.System, (what, why) => throw new InvalidOperationException(what, why), Pods.Contains, _port))
        {
            next.Serve(IPAddress.Loopback);
            // It has not learned yet what there is, and must not say that there is nothing.
            Assert.Equal(ReturnCode.ServerFailure, (await AskAsync(_udp, "web.default.svc.cluster.local", RecordType.A)).ReturnCode);
            Assert.Equal("192.0.2.1", Assert.Single((await AskAsync(_tcp, "example.com", RecordType.A)).AnswerRecords.OfType<ARecord>()).Address.ToString());
            next.Zone = DnsZone.Empty;
            Assert.Equal(ReturnCode.NxDomain, (await AskAsync(_tcp, "web.default.svc.cluster.local", RecordType.A)).ReturnCode);
        }

        _server.Serve(IPAddress.Loopback);
        await Poll.UntilAsync(async () => (await AskAsync(_udp, "web.default.svc.cluster.local", RecordType.A)).AnswerRecords.Count == 1, Bound, () => "the first one answers again");
    }

    public void Dispose() => _server.Dispose();

    private static async Task<DnsMessage> AskAsync(DnsClient client, string name, RecordType type)
    {
        DnsMessage? answer = null;
        await Poll.UntilAsync(async () => (answer = await client.ResolveAsync(DomainName.Parse(name), type, RecordClass.INet, null, CancellationToken.None)) is not null, Bound, () => $"{name} is answered");
        return answer!;
    }

    private sealed class Upstream : IDnsUpstream
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _asked = new();

        public IReadOnlyCollection<string> Asked => _asked;

        public TaskCompletionSource Slow { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<DnsMessage?> AskAsync(DomainName name, RecordType type, CancellationToken cancellation)
        {
            _asked.Enqueue(name.ToString());
            if (name.ToString().StartsWith("slow", StringComparison.Ordinal))
            {
                await Slow.Task.WaitAsync(cancellation);
            }

            var answer = new DnsMessage { IsQuery = false };
            switch (name.ToString())
            {
                case "example.com.":
                    answer.AnswerRecords.Add(new ARecord(name, 60, IPAddress.Parse("192.0.2.1")));
                    return answer;
                case "large.example.com.":
                    answer.AnswerRecords.Add(new UnknownRecord(name, type, RecordClass.INet, 60, new byte[30_000]));
                    return answer;
                case "text.example.com.":
                    answer.AnswerRecords.Add(new TxtRecord(name, 60, Enumerable.Repeat(new string('x', 250), 100)));
                    return answer;
                case "missing.example.com.":
                    answer.ReturnCode = ReturnCode.NxDomain;
                    answer.AuthorityRecords.Add(new SoaRecord(DomainName.Parse("example.com"), 60, name, name, 1, 1, 1, 1, 60));
                    return answer;
                default:
                    return null;
            }
        }
    }
}
