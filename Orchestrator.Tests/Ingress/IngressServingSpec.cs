using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Node.Ingress;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Ingress;

/// <summary>Requests of real clients, through the ingress of a node, to real servers.</summary>
public sealed class IngressServingSpec : ServedIngress
{
    private const string Tls = """{ "hosts": [ "a.com" ], "secretName": "cert" }""";

    [Fact]
    public async Task A_request_goes_to_the_service_of_its_host_and_path()
    {
        await using var one = await TestBackend.NamedAsync("one");
        await using var two = await TestBackend.NamedAsync("two");
        await using var other = await TestBackend.NamedAsync("other");
        PutIngress("web", "a.com", "/=one:80 /two=two:http /exact!=two:80 /none=none:80 /port=one:81 /empty=empty:80");
        Put("Ingress", "usual", """{ "defaultBackend": { "service": { "name": "other", "port": { "number": 80 } } } }""");
        PutService("one", [one.Port]);
        PutService("two", [two.Port]);
        PutService("other", [other.Port]);
        PutService("empty", []);
        PutNoService("none");
        Assert.True(Changes().IsReady);
        Assert.Equal((200, "one"), await GetAsync("http://a.com/"));
        Assert.Equal((200, "two"), await GetAsync("http://a.com/two/x?y=z"));
        Assert.Equal((200, "two"), await GetAsync("http://a.com/exact"));
        Assert.Equal((200, "one"), await GetAsync("http://a.com/exact/not"));
        Assert.Equal((200, "other"), await GetAsync("http://b.com/"));
        Assert.Equal((503, "503 Service Unavailable\n"), await GetAsync("http://a.com/none"));
        Assert.Equal(503, (await GetAsync("http://a.com/port")).Code);
        Assert.Equal(503, (await GetAsync("http://a.com/empty")).Code);
        Remove("Ingress", "usual");
        await SettledAsync();
        Assert.Equal((404, "404 Not Found\n"), await GetAsync("http://b.com/"));
    }

    [Fact]
    public async Task It_listens_while_there_is_an_Ingress()
    {
        await using var one = await TestBackend.NamedAsync("one");
        PutIngress("web", "a.com", "/=one:80");
        Assert.Equal("default/one", ((Node.Proxy.WatchServices)FishForMessage(m => m is Node.Proxy.WatchServices, Bound)).Services.Select(s => $"{s.Namespace}/{s.Name}").Single());
        PutService("one", [one.Port]);
        Assert.True(Changes().IsReady);
        Remove("Ingress", "web");
        Assert.Equal((false, "NoIngress"), Changes() is var gone ? (gone.IsReady, gone.Reason) : default);
        using var client = Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://a.com/")));
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [one.Port]);
        Assert.True(Changes().IsReady);
        Assert.Equal((200, "one"), await GetAsync("http://a.com/"));
    }

    [Fact]
    public async Task Changes_cost_no_request_and_cut_none()
    {
        var gate = new TaskCompletionSource();
        await using var slow = await TestBackend.StartAsync(async http =>
        {
            await http.Response.WriteAsync("begun ");
            await http.Response.Body.FlushAsync();
            await gate.Task;
            await http.Response.WriteAsync("ended");
        });
        await using var one = await TestBackend.NamedAsync("one");
        await using var two = await TestBackend.NamedAsync("two");
        PutIngress("slow", "slow.com", "/=slow:80");
        PutIngress("web", "a.com", "/=one:80");
        PutService("slow", [slow.Port]);
        PutService("one", [one.Port]);
        Changes();
        using var client = Client();
        using var open = await client.GetAsync(new Uri("http://slow.com/"), HttpCompletionOption.ResponseHeadersRead);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var answers = new HashSet<string>();
            while (!stop.IsCancellationRequested)
            {
                answers.Add(await client.GetStringAsync(new Uri("http://a.com/")));
            }

            return answers;
        })).ToList();
        for (var i = 0; i < 40; i++)
        {
            // The next service is known a moment after it is named.
            var (name, port) = i % 2 == 0 ? ("two", two.Port) : ("one", one.Port);
            PutIngress("web", "a.com", $"/={name}:80", $"\"orchestrator.io/read-timeout\": \"{i + 10}\"");
            Put("Secret", "cert", TestCertificates.Data(TestCertificates.Create(["a.com"])));
            await SettledAsync();
            PutService(name, [port]);
            await SettledAsync();
        }

        Remove("Ingress", "slow");
        await SettledAsync();
        Assert.Equal(404, (await GetAsync("http://slow.com/")).Code);
        await stop.CancelAsync();
        Assert.Equal(["one", "two"], (await Task.WhenAll(load).WaitAsync(Bound)).SelectMany(a => a).Distinct().Order());
        gate.SetResult();
        Assert.Equal("begun ended", await open.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_backend_learns_who_asked_from_the_ingress_alone()
    {
        await using var backend = await TestBackend.StartAsync(http => http.Response.WriteAsync(string.Join('\n', http.Request.Headers
            .Where(h => h.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || h.Key is "Forwarded" or "Host" or "Connection").Select(h => $"{h.Key}={h.Value}").Order(StringComparer.Ordinal))));
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [backend.Port]);
        Changes();
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://a.com/"));
        foreach (var (name, value) in ((string, string)[])[("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "https"), ("x-forwarded-host", "evil"), ("X-Forwarded-Prefix", "/x"), ("Forwarded", "for=6.6.6.6"),
            ("X-Real-IP", "6.6.6.6"), ("X-Own", "kept"), ("Connection", "X-Hop"), ("X-Hop", "y")])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);
        var said = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(["Host=a.com", "X-Forwarded-For=127.0.0.1", "X-Forwarded-Host=a.com", "X-Forwarded-Proto=http", "X-Own=kept"], said.Where(s => !s.StartsWith("X-Hop", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/a%20b?q=%2F&r", "/a%20b?q=%2F&r")]
    [InlineData("/a%2Fb", "/a%2Fb")]
    [InlineData("/a%25b", "/a%25b")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/a//b/", "/a//b/")]
    [InlineData("/a;b=c,d:e@f!g$h&i'j(k)*l+m", "/a;b=c,d:e@f!g$h&i'j(k)*l+m")]
    [InlineData("/%C3%A4", "/%C3%A4")]
    public async Task A_backend_gets_the_path_that_was_asked(string asked, string expected)
    {
        await using var backend = await TestBackend.StartAsync(http => http.Response.WriteAsync(http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget));
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [backend.Port]);
        Changes();
        Assert.Equal((200, expected), await GetAsync($"http://a.com{asked}"));
    }

    [Fact]
    public async Task A_certificate_is_chosen_by_the_name_of_the_host_and_a_new_one_is_shown_at_once()
    {
        await using var one = await TestBackend.NamedAsync("one");
        Put("Secret", "cert", TestCertificates.Data(TestCertificates.Create(["a.com"])));
        Put("Secret", "wild", TestCertificates.Data(TestCertificates.Create(["*.b.com"])));
        Put("Secret", "broken", """{ "tls.crt": "eA==", "tls.key": "eA==" }""");
        PutIngress("web", "a.com", "/=one:80", tls: $$"""{{Tls}}, { "secretName": "wild" }, { "hosts": [ "c.com" ], "secretName": "broken" }""");
        PutIngress("wild", "*.b.com", "/=one:80");
        PutService("one", [one.Port]);
        Changes();
        Assert.Equal("CN=a.com", await SubjectAsync("https://a.com/"));
        Assert.Equal("CN=*.b.com", await SubjectAsync("https://x.b.com/"));
        Assert.StartsWith("CN=ingress without a certificate", await SubjectAsync("https://c.com/"), StringComparison.Ordinal);
        var next = TestCertificates.Create(["a.com", "new.a.com"]);
        Put("Secret", "cert", TestCertificates.Data(next));
        await SettledAsync();
        using var expected = X509Certificate2.CreateFromPem(next.Certificate);
        string? shown = null;
        using var client = Client(c => shown = c.Thumbprint);
        Assert.Equal("one", await client.GetStringAsync(new Uri("https://a.com/")));
        Assert.Equal(expected.Thumbprint, shown);
    }

    [Fact]
    public async Task A_certificate_is_shown_with_those_that_signed_it()
    {
        await using var one = await TestBackend.NamedAsync("one");
        var (pair, root) = TestCertificates.Signed("a.com");
        using var trusted = root;
        Put("Secret", "cert", TestCertificates.Data(pair));
        PutIngress("web", "a.com", "/=one:80", tls: Tls);
        PutService("one", [one.Port]);
        Changes();
        using var handler = Handler();
        handler.SslOptions.RemoteCertificateValidationCallback = null;
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck };
        using var client = new HttpClient(handler);
        Assert.Equal("one", await client.GetStringAsync(new Uri("https://a.com/")));
    }

    [Fact]
    public async Task Hosts_with_a_certificate_are_redirected_unless_their_Ingress_says_no()
    {
        await using var one = await TestBackend.NamedAsync("one");
        Put("Secret", "cert", TestCertificates.Data(TestCertificates.Create(["a.com"])));
        PutIngress("web", "a.com", "/=one:80", tls: Tls);
        PutIngress("other", "b.com", "/=one:80", """ "orchestrator.io/ssl-redirect": "false" """, """{ "hosts": [ "b.com" ], "secretName": "cert" }""");
        PutIngress("plain", "c.com", "/=one:80");
        PutService("one", [one.Port]);
        Changes();
        using var client = Client();
        using var response = await client.GetAsync(new Uri("http://a.com/x%20y?q=1%2F2"));
        Assert.Equal((HttpStatusCode.PermanentRedirect, $"https://a.com:{Ports.Https}/x%20y?q=1%2F2"), (response.StatusCode, response.Headers.Location!.OriginalString));
        Assert.Equal(200, (await GetAsync("http://b.com/")).Code);
        Assert.Equal(200, (await GetAsync("http://c.com/")).Code);
    }

    [Theory]
    [InlineData("ws", "1.1")]
    [InlineData("wss", "1.1")]
    [InlineData("wss", "2.0")]
    public async Task A_websocket_is_passed_on(string scheme, string version)
    {
        await using var backend = await TestBackend.StartAsync(async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[100];
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: WebSocketMessageType.Text } got)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes("echo " + Encoding.UTF8.GetString(buffer, 0, got.Count)), WebSocketMessageType.Text, true, CancellationToken.None);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        });
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [backend.Port]);
        Changes();
        using var client = new ClientWebSocket();
        (client.Options.HttpVersion, client.Options.HttpVersionPolicy) = (Version.Parse(version), HttpVersionPolicy.RequestVersionExact);
        using var handler = new HttpMessageInvoker(Handler());
        await client.ConnectAsync(new Uri($"{scheme}://a.com/chat"), handler, CancellationToken.None).WaitAsync(Bound);
        var answer = new byte[100];
        foreach (var word in new[] { "one", "two" })
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(word), WebSocketMessageType.Text, true, CancellationToken.None).WaitAsync(Bound);
            var got = await client.ReceiveAsync(answer, CancellationToken.None).WaitAsync(Bound);
            Assert.Equal($"echo {word}", Encoding.UTF8.GetString(answer, 0, got.Count));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).WaitAsync(Bound);
        Assert.Equal("bye", client.CloseStatusDescription);
    }

    [Theory]
    [InlineData("HTTP/1.1", HttpProtocols.Http1, "", "")]
    [InlineData("HTTP/2", HttpProtocols.Http2, """ "orchestrator.io/backend-protocol": "HTTP2" """, "")]
    [InlineData("HTTP/2", HttpProtocols.Http2, "", """, "appProtocol": "kubernetes.io/h2c" """)]
    public async Task Clients_and_backends_speak_what_they_can(string expected, HttpProtocols protocols, string annotations, string port)
    {
        await using var backend = await TestBackend.StartAsync(http => http.Response.WriteAsync(http.Request.Protocol), protocols);
        PutIngress("web", "a.com", "/=one:80", annotations);
        PutService("one", [backend.Port], port);
        Changes();
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("https://a.com/")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);
        Assert.Equal((HttpVersion.Version20, expected), (response.Version, await response.Content.ReadAsStringAsync()));
        Assert.Equal((200, expected), await GetAsync("http://a.com/"));
    }

    [Theory]
    [InlineData(""" "orchestrator.io/backend-protocol": "HTTPS" """, "")]
    [InlineData("", """, "appProtocol": "https" """)]
    public async Task A_backend_with_TLS_may_have_a_certificate_of_its_own_making(string annotations, string port)
    {
        await using var backend = await TestBackend.StartAsync(http => http.Response.WriteAsync($"{http.Request.Scheme} {http.Request.Host}"), HttpProtocols.Http1AndHttp2, ServerCertificate.Untrusted(DateTimeOffset.UtcNow));
        PutIngress("web", "a.com", "/=one:80", annotations);
        PutService("one", [backend.Port], port);
        Changes();
        Assert.Equal((200, "https a.com"), await GetAsync("http://a.com/"));
    }

    [Fact]
    public async Task Calls_of_gRPC_are_passed_on_with_their_streams_and_trailers()
    {
        await using var backend = await TestBackend.StartAsync(null, HttpProtocols.Http2, add: s =>
        {
            s.AddRouting();
            s.AddGrpc();
            s.AddGrpcHealthChecks().AddAsyncCheck("web", () => Task.FromResult(Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Healthy()));
        }, map: web => web.MapGrpcHealthChecksService());
        PutIngress("web", "a.com", "/=one:80", """ "orchestrator.io/backend-protocol": "GRPC" """);
        PutService("one", [backend.Port]);
        Changes();
        using var channel = GrpcChannel.ForAddress("https://a.com", new GrpcChannelOptions { HttpHandler = Handler(), DisposeHttpClient = true });
        var client = new Health.HealthClient(channel);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow.Add(Bound))).Status);
        using var watch = client.Watch(new HealthCheckRequest(), deadline: DateTime.UtcNow.Add(Bound));
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await client.CheckAsync(new HealthCheckRequest { Service = "nobody" }, deadline: DateTime.UtcNow.Add(Bound)));
        Assert.Equal(Grpc.Core.StatusCode.NotFound, refused.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_may_be_as_large_as_the_Ingress_says(bool isChunked)
    {
        await using var backend = await TestBackend.StartAsync(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            await http.Response.WriteAsync($"{body.Length}");
        });
        PutIngress("web", "a.com", "/=one:80", """ "orchestrator.io/max-body-size": "1Ki" """);
        PutIngress("any", "b.com", "/=one:80");
        PutService("one", [backend.Port]);
        Changes();
        using var client = Client();
        foreach (var (host, size, code) in new[] { ("a.com", isChunked ? 1000 : 1024, 200), ("a.com", 1025, 413), ("a.com", 1 << 20, 413), ("b.com", 40 << 20, 200) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{host}/")) { Content = new ByteArrayContent(new byte[size]) };
            request.Headers.TransferEncodingChunked = isChunked;
            request.Headers.ExpectContinue = code == 413;
            using var response = await client.SendAsync(request);
            Assert.Equal(code, (int)response.StatusCode);
            Assert.Equal(code == 200 ? $"{size}" : "413 Payload Too Large\n", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_backend_that_says_nothing_is_waited_for_as_long_as_the_Ingress_says()
    {
        var never = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async http => await Task.WhenAny(never.Task, Task.Delay(Timeout.Infinite, http.RequestAborted)));
        PutIngress("web", "a.com", "/=one:80", """ "orchestrator.io/read-timeout": "200ms" """);
        PutService("one", [backend.Port]);
        Changes();
        Assert.Equal((504, "504 Gateway Timeout\n"), await GetAsync("http://a.com/"));
        never.SetResult();
    }

    [Fact]
    public async Task A_websocket_on_which_nothing_is_said_ends_after_that_time()
    {
        await using var backend = await TestBackend.StartAsync(async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await Assert.ThrowsAsync<WebSocketException>(async () => _ = await socket.ReceiveAsync(new byte[10], CancellationToken.None));
        });
        PutIngress("web", "a.com", "/=one:80", """ "orchestrator.io/read-timeout": "200ms" """);
        PutService("one", [backend.Port]);
        Changes();
        using var client = new ClientWebSocket();
        using var handler = new HttpMessageInvoker(Handler());
        await client.ConnectAsync(new Uri("ws://a.com/"), handler, CancellationToken.None).WaitAsync(Bound);
        await Assert.ThrowsAsync<WebSocketException>(() => client.ReceiveAsync(new byte[10], CancellationToken.None).WaitAsync(Bound));
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_costs_no_request()
    {
        await using var backend = await TestBackend.StartAsync(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            await http.Response.WriteAsync($"{http.Request.Method} {body.Length}");
        });
        PutIngress("web", "a.com", "/=one:80 /dead=dead:80");
        PutService("one", [FreePort.Next(), backend.Port, FreePort.Next()]);
        PutService("dead", [FreePort.Next(), FreePort.Next()]);
        Changes();
        using var client = Client();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("GET 0", await client.GetStringAsync(new Uri("http://a.com/")));
            using var answer = await client.PostAsync(new Uri("http://a.com/"), new ByteArrayContent(new byte[100_000]));
            Assert.Equal("POST 100000", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal((502, "502 Bad Gateway\n"), await GetAsync("http://a.com/dead"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_ends_before_its_answer_costs_no_request_that_only_reads(bool hasBegun)
    {
        await using var good = await TestBackend.NamedAsync("good");
        await using var ending = await TestBackend.StartAsync(async http =>
        {
            if (hasBegun)
            {
                http.Response.ContentLength = 4;
                await http.Response.StartAsync();
                await http.Response.Body.FlushAsync();
            }

            http.Abort();
        });
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [good.Port, ending.Port]);
        Changes();
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal((200, "good"), await GetAsync("http://a.com/"));
        }

        PutService("one", [ending.Port]);
        await SettledAsync();
        Assert.Equal((502, "502 Bad Gateway\n"), await GetAsync("http://a.com/"));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_tried_again()
    {
        await using var one = await TestBackend.NamedAsync("one");
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Any, Ports.Https);
        taken.Start();
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [one.Port]);
        var changed = Changes();
        Assert.Equal((false, IngressNodes.NotListening), (changed.IsReady, changed.Reason));
        Assert.Contains($"{Ports.Https}", changed.Message, StringComparison.Ordinal);
        taken.Stop();
        Assert.True(Changes().IsReady);
        Assert.Equal((200, "one"), await GetAsync("https://a.com/"));
    }

    [Fact]
    public async Task Requests_that_nobody_could_want_do_no_harm()
    {
        await using var one = await TestBackend.NamedAsync("one");
        PutIngress("web", "a.com", "/=one:80");
        PutService("one", [one.Port]);
        Changes();
        foreach (var (text, code) in new[]
        {
            ("GET / HTTP/1.1\r\nHost: \r\n\r\n", "404"), ("GET / HTTP/1.0\r\n\r\n", "404"), ("GET /%zz HTTP/1.1\r\nHost: a.com\r\n\r\n", "200"), ("GET /a/../b HTTP/1.1\r\nHost: a.com\r\n\r\n", "200"), ("GET /a/%2e%2e/b HTTP/1.1\r\nHost: a.com\r\n\r\n", "200"),
            ("OPTIONS * HTTP/1.1\r\nHost: a.com\r\n\r\n", "200"), ("CONNECT a.com:80 HTTP/1.1\r\nHost: a.com:80\r\n\r\n", "405"), ("GET http://a.com/ HTTP/1.1\r\nHost: a.com\r\n\r\n", "200"),
            ("PURGE / HTTP/1.1\r\nHost: A.COM:99\r\n\r\n", "200"), ("nonsense\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"),
        })
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Ports.Http);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
            var answer = new byte[200];
            var length = await stream.ReadAsync(answer).AsTask().WaitAsync(Bound);
            var line = Encoding.ASCII.GetString(answer, 0, length).Split("\r\n")[0];
            Assert.True(line.StartsWith($"HTTP/1.1 {code}", StringComparison.Ordinal), $"{text} -> {line}");
        }
    }

    private async Task<string> SubjectAsync(string url)
    {
        var subject = "";
        using var client = Client(c => subject = c.Subject);
        using var response = await client.GetAsync(new Uri(url));
        return subject;
    }
}
