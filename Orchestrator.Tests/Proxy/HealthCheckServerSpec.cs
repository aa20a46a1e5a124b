using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Proxy;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Proxy;

/// <summary>What load balancers are told of a node.</summary>
public sealed class HealthCheckServerSpec : IAsyncLifetime
{
    private static readonly Orchestrator.Actors.Api.ObjectKey Web = ServiceDefinition.Instance.Key("default", "web");
    private readonly List<int> _faults = [];
    private readonly HealthCheckServer _server;
    private readonly HttpClient _http = new();

    public HealthCheckServerSpec() => _server = new HealthCheckServer((port, _) => _faults.Add(port));

    [Fact]
    public async Task A_node_is_well_for_a_service_that_has_endpoints_on_it()
    {
        var port = FreePort.Next();
        _server.Set(Web, port, 2);
        Assert.Equal((HttpStatusCode.OK, 2), await AskAsync(port));
        _server.Set(Web, port, 0);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 0), await AskAsync(port));
        var other = FreePort.Next();
        _server.Set(Web, other, 1);
        Assert.Equal((HttpStatusCode.OK, 1), await AskAsync(other));
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(port));
        _server.Set(Web, 0, 0);
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(other));
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _server.Set(Web, port, 1);
        await _server.Settled;
        Assert.Equal([port], _faults);
    }

    [Fact]
    public async Task A_port_that_passes_from_one_service_to_another_stays_open()
    {
        var (port, other) = (FreePort.Next(), ServiceDefinition.Instance.Key("default", "other"));
        _server.Set(other, port, 1);
        _server.Set(Web, port, 3);
        _server.Set(other, 0, 0);
        Assert.Equal((HttpStatusCode.OK, 3), await AskAsync(port));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
    }

    // By both families.
    private async Task<(HttpStatusCode, int)> AskAsync(int port)
    {
        await _server.Settled;
        using (var other = await _http.GetAsync($"http://[::1]:{port}/healthz"))
        {
            Assert.Equal("application/json", other.Content.Headers.ContentType?.MediaType);
        }

        using var answer = await _http.GetAsync($"http://127.0.0.1:{port}/");
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(("default", "web"), ((string?)body["service"]!["namespace"], (string?)body["service"]!["name"]));
        return (answer.StatusCode, (int)body["localEndpoints"]!);
    }
}
