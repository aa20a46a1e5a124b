using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Proxy;

/// <summary>Answers load balancers that ask whether a node has endpoints of a service with <c>externalTrafficPolicy: Local</c>: at the port <c>healthCheckNodePort</c> of the service, 200 if it has, 503 if not.
/// Ports are opened and closed one after the other, while whoever sets them goes on.</summary>
/// <param name="fault">Says of a port that it cannot be used, and why. Called at any time.</param>
internal sealed class HealthCheckServer(Action<int, string> fault) : IAsyncDisposable
{
    // Whoever asks is a load balancer, or a stranger that is to take nothing from the agent.
    private const int MostConnections = 100;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, (int Port, int Endpoints)> _services = [];
    private readonly Dictionary<int, WebApplication> _listeners = [];
    private bool _isOver;

    /// <summary>Ends when the ports that are set so far are open, or told of.</summary>
    public Task Settled { get; private set; } = Task.CompletedTask;

    /// <summary>What a service has on this node.</summary>
    /// <param name="service">The service.</param>
    /// <param name="port">The port; 0 if it has none (any more).</param>
    /// <param name="endpoints">How many endpoints it has here that are ready.</param>
    public void Set(ObjectKey service, int port, int endpoints)
    {
        lock (_gate)
        {
            if (port > 0)
            {
                _services[service] = (port, endpoints);
            }
            else if (!_services.Remove(service))
            {
                return;
            }

            Settled = SettleAsync(Settled);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isOver = true;
            Settled = SettleAsync(Settled);
        }

        await Settled.ConfigureAwait(false);
    }

    private async Task SettleAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        HashSet<int> wanted;
        lock (_gate)
        {
            wanted = _isOver ? [] : [.. _services.Values.Select(s => s.Port)];
        }

        foreach (var port in _listeners.Keys.Except(wanted).ToList())
        {
            _listeners.Remove(port, out var listener);
            await EndAsync(listener!).ConfigureAwait(false);
        }

        // One that is refused is tried again with the next change of a service.
        foreach (var port in wanted.Except(_listeners.Keys).ToList())
        {
            var listener = Listener(port);
            try
            {
                using var bound = new CancellationTokenSource(Bound);
                await listener.StartAsync(bound.Token).ConfigureAwait(false);
                _listeners[port] = listener;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                await listener.DisposeAsync().ConfigureAwait(false);
                fault(port, e.Message);
            }
        }
    }

    private static async Task EndAsync(WebApplication listener)
    {
        using var bound = new CancellationTokenSource(Bound);
        await listener.StopAsync(bound.Token).ConfigureAwait(false);
        await listener.DisposeAsync().ConfigureAwait(false);
    }

    private WebApplication Listener(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance); // What strangers send is no news of this host.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            (kestrel.Limits.MaxConcurrentConnections, kestrel.Limits.MaxRequestBodySize) = (MostConnections, 0);
            (kestrel.Limits.KeepAliveTimeout, kestrel.Limits.RequestHeadersTimeout) = (Bound, Bound);
            kestrel.ListenAnyIP(port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var web = builder.Build();
        web.Run(context => AnswerAsync(context, port));
        return web;
    }

    private Task AnswerAsync(HttpContext context, int port)
    {
        ObjectKey? service;
        int endpoints;
        lock (_gate)
        {
            (service, endpoints) = _services.Where(s => s.Value.Port == port).Select(s => ((ObjectKey?)s.Key, s.Value.Endpoints)).FirstOrDefault();
        }

        context.Response.StatusCode = service is null ? StatusCodes.Status404NotFound : endpoints > 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers["X-Load-Balancing-Endpoint-Weight"] = endpoints.ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsJsonAsync(new
        {
            service = new { @namespace = service?.Namespace, name = service?.Name },
            localEndpoints = endpoints,
            serviceProxyHealthy = true,
        }, context.RequestAborted);
    }
}
