using System.Net;
using System.Text.Json;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Proxy;

/// <summary>Answers load balancers that ask whether a node has endpoints of a service with <c>externalTrafficPolicy: Local</c>: at the port <c>healthCheckNodePort</c> of the service, 200 if it has, 503 if not.</summary>
/// <param name="fault">Says of a port that it cannot be used, and why.</param>
internal sealed class HealthCheckServer(Action<int, string> fault) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, (int Port, int Endpoints)> _services = [];
    private readonly Dictionary<int, HttpListener> _listeners = [];

    /// <summary>What a service has on this node.</summary>
    /// <param name="service">The service.</param>
    /// <param name="port">The port; 0 if it has none (any more).</param>
    /// <param name="endpoints">How many endpoints it has here that are ready.</param>
    public void Set(ObjectKey service, int port, int endpoints)
    {
        lock (_gate)
        {
            if (_services.TryGetValue(service, out var before) && before.Port != port)
            {
                _services.Remove(service);
                if (_listeners.Remove(before.Port, out var listener))
                {
                    listener.Close();
                }
            }

            if (port > 0)
            {
                _services[service] = (port, endpoints);
                Listen(port);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var listener in _listeners.Values)
            {
                listener.Close();
            }

            _listeners.Clear();
        }
    }

    private void Listen(int port)
    {
        if (_listeners.ContainsKey(port))
        {
            return;
        }

        var listener = new HttpListener();
        listener.Prefixes.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://*:{port}/"));
        try
        {
            listener.Start();
            _listeners[port] = listener;
            _ = ServeAsync(listener, port);
        }
        catch (Exception e) when (e is HttpListenerException or System.Net.Sockets.SocketException)
        {
            // It is tried again when the service changes.
            listener.Close();
            fault(port, e.Message);
        }
    }

    private async Task ServeAsync(HttpListener listener, int port)
    {
        while (listener.IsListening)
        {
            try
            {
                Answer(await listener.GetContextAsync().ConfigureAwait(false), port);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // A client that is gone, or the end of the listener.
            }
        }
    }

    private void Answer(HttpListenerContext context, int port)
    {
        ObjectKey? service;
        int endpoints;
        lock (_gate)
        {
            (service, endpoints) = _services.Where(s => s.Value.Port == port).Select(s => ((ObjectKey?)s.Key, s.Value.Endpoints)).FirstOrDefault();
        }

        context.Response.StatusCode = service is null ? (int)HttpStatusCode.NotFound : endpoints > 0 ? (int)HttpStatusCode.OK : (int)HttpStatusCode.ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers["X-Load-Balancing-Endpoint-Weight"] = endpoints.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Close(JsonSerializer.SerializeToUtf8Bytes(new
        {
            service = new { @namespace = service?.Namespace, name = service?.Name },
            localEndpoints = endpoints,
            serviceProxyHealthy = true,
        }), willBlock: false);
    }
}
