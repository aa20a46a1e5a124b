using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Requests that the API server passes on to services and pods.</summary>
[Collection(NetworkHost.Name)]
public sealed class ProxySpec(NetworkHost host) : IAsyncLifetime
{
    private const string Pod = "/api/v1/namespaces/default/pods/";
    private const string Service = "/api/v1/namespaces/default/services/";
    private readonly List<PodServer> _servers = [];

    public async Task InitializeAsync()
    {
        var pod = await host.SpaceAsync("web-1");
        foreach (var (port, page) in ((int, string)[])[(80, """<a href="/rewriteme">test</a>"""), (1080, """<a href="/rewriteme">test</a>"""), (160, "foo"), (162, "bar")])
        {
            _servers.Add(await PodServer.StartAsync(pod, port, method => method == "GET" ? page : method));
        }

        foreach (var (port, page) in ((int, string)[])[(443, """<a href="/tlsrewriteme">test</a>"""), (460, "tls baz"), (462, "tls qux")])
        {
            _servers.Add(await PodServer.StartAsync(pod, port, _ => page, isTls: true));
        }
    }

    public Task DisposeAsync()
    {
        _servers.ForEach(s => s.Dispose());
        return Task.CompletedTask;
    }

    [RootFact]
    [Conformance("Proxy version v1 should proxy through a service and a pod")]
    public async Task Ports_of_services_and_pods_are_reached_by_name_and_number()
    {
        await host.WebAsync("ported", "ported", ports: """{ "name": "dest1", "containerPort": 160 }, { "name": "tlsdest1", "containerPort": 460 }""");
        var pod = await host.SpaceAsync("ported");
        using var foo = await PodServer.StartAsync(pod, 160, _ => "foo");
        using var bar = await PodServer.StartAsync(pod, 162, _ => "bar");
        using var baz = await PodServer.StartAsync(pod, 460, _ => "tls baz", isTls: true);
        using var qux = await PodServer.StartAsync(pod, 462, _ => "tls qux", isTls: true);
        await host.ServiceAsync("proxied", """
            { "selector": { "app": "ported" }, "ports": [ { "name": "portname1", "port": 80, "targetPort": "dest1" }, { "name": "portname2", "port": 81, "targetPort": 162 },
              { "name": "tlsportname1", "port": 443, "targetPort": "tlsdest1" }, { "name": "tlsportname2", "port": 444, "targetPort": 462 } ] }
            """);
        await Poll.UntilAsync(async () => (await host.EndpointsAsync("proxied")).Count() == 4, TimeSpan.FromSeconds(30), () => "the service has its endpoints");
        foreach (var (path, page) in ((string, string)[])
        [
            ($"{Service}proxied:portname1", "foo"), ($"{Service}http:proxied:portname1", "foo"), ($"{Service}proxied:80", "foo"), ($"{Service}proxied:portname2", "bar"), ($"{Service}http:proxied:81", "bar"),
            ($"{Service}https:proxied:tlsportname1", "tls baz"), ($"{Service}https:proxied:443", "tls baz"), ($"{Service}https:proxied:tlsportname2", "tls qux"),
            ($"{Pod}web-1", "<a href=\"PATH/rewriteme\">test</a>"), ($"{Pod}web-1:1080", "<a href=\"PATH/rewriteme\">test</a>"), ($"{Pod}http:web-1:1080", "<a href=\"PATH/rewriteme\">test</a>"),
            ($"{Pod}web-1:160", "foo"), ($"{Pod}http:web-1:160", "foo"), ($"{Pod}web-1:162", "bar"), ($"{Pod}http:web-1:162", "bar"),
            ($"{Pod}https:web-1:443", "<a href=\"PATH/tlsrewriteme\">test</a>"), ($"{Pod}https:web-1:460", "tls baz"), ($"{Pod}https:web-1:462", "tls qux"),
        ])
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal((path, page.Replace("PATH", $"{path}/proxy", StringComparison.Ordinal)), (path, await host.Node.ReadAsync($"{path}/proxy/")));
            }
        }

        Assert.Equal("foo", await host.Node.Kubectl(Kubectl.Newest).SucceedAsync($"get --raw {Service}proxied:portname1/proxy/"));
        await host.DeleteAsync("pods", "ported");
    }

    [RootFact]
    [Conformance("Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath")]
    [Conformance("Proxy version v1 A set of valid responses are returned for both pod and service Proxy")]
    public async Task Each_method_is_passed_on()
    {
        await host.ServiceAsync("by-method", """{ "selector": { "app": "by-method" }, "ports": [ { "port": 80, "targetPort": 160 } ] }""");
        await host.WebAsync("by-method", "by-method");
        using var server = await PodServer.StartAsync(await host.SpaceAsync("by-method"), 160, method => method);
        await Poll.UntilAsync(async () => (await host.EndpointsAsync("by-method")).Any(), TimeSpan.FromSeconds(30), () => "the service has its endpoint");
        foreach (var root in (string[])[$"{Pod}by-method:160/proxy", $"{Service}by-method/proxy"])
        {
            foreach (var method in (string[])["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
            {
                Assert.Equal((HttpStatusCode.OK, method == "HEAD" ? "" : method), await SendAsync(method, $"{root}/some/path/with/{method}"));
                var bare = await SendAsync(method, $"{root}?method={method}");
                Assert.Equal(method is "GET" or "HEAD" ? HttpStatusCode.MovedPermanently : HttpStatusCode.OK, bare.Code);
                Assert.Equal(method is "GET" or "HEAD" ? $"{root}/?method={method}" : method, bare.Text);
            }
        }

        await host.DeleteAsync("pods", "by-method");
    }

    [RootFact]
    public async Task What_cannot_be_reached_is_said()
    {
        // An endpoint that is no pod: whoever writes it would reach what the API server reaches.
        await host.ServiceAsync("unready", """{ "ports": [ { "name": "http", "port": 80 } ] }""");
        var address = await host.AddressAsync("web-1");
        await host.Node.AskAsync(HttpMethod.Post, NetworkHost.Path("endpoints"), $$"""
            { "metadata": { "name": "unready" }, "subsets": [ { "ports": [ { "name": "http", "port": 8080 } ], "addresses": [
              { "ip": "{{address}}" }, { "ip": "{{address}}", "targetRef": { "kind": "Pod", "namespace": "default", "name": "web-2" } } ] } ] }
            """);
        foreach (var (name, code, why) in ((string, HttpStatusCode, string)[])
        [
            ("unready:80", HttpStatusCode.ServiceUnavailable, "no endpoints available for service \\u0022unready\\u0022"), ("unready:http", HttpStatusCode.ServiceUnavailable, "no endpoints available"),
            ("unready:81", HttpStatusCode.ServiceUnavailable, "service \\u0022unready\\u0022 has no port \\u002281\\u0022"), ("unready", HttpStatusCode.ServiceUnavailable, "has no port \\u0022\\u0022"),
            ("ftp:unready:80", HttpStatusCode.BadRequest, "it must be NAME, NAME:PORT or https:NAME:PORT"), ("nowhere:80", HttpStatusCode.NotFound, "services \\u0022nowhere\\u0022 not found"),
        ])
        {
            var (answered, text) = await SendAsync("GET", $"{Service}{name}/proxy/");
            Assert.Equal((name, code), (name, answered));
            Assert.Contains(why, text, StringComparison.Ordinal);
        }
    }

    // The status and the page, or where else it is.
    private async Task<(HttpStatusCode Code, string Text)> SendAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var answer = await host.Node.Admin.SendAsync(request);
        return (answer.StatusCode, answer.Headers.Location?.OriginalString ?? await answer.Content.ReadAsStringAsync());
    }
}
