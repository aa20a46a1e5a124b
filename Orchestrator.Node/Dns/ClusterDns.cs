using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;

namespace Orchestrator.Node.Dns;

/// <summary>The server of names of a node, for its own pods and processes: at the address that each pod has for its gateway, by UDP and TCP.</summary>
internal sealed class ClusterDns : IDisposable
{
    private const int Port = 53;
    private const int TimeoutMilliseconds = 5000;

    // How many questions of one client are answered at a time, and how many connections it may have; and the longest answer by UDP (flag day 2020).
    private const int MostOfOne = 100;
    private const int MostBytes = 1232;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<IPAddress, int> _clients = new();
    private readonly DnsResolver _resolver;
    private readonly Func<IPAddress, bool> _isPod;
    private readonly TimeProvider _time;
    private readonly Action<string, Exception> _tell;
    private readonly int _port;
    private readonly CancellationTokenSource _stopping = new();
    private DnsZone? _zone;
    private IPAddress? _address;
    private DnsServer? _server;

    /// <summary>Does not listen yet.</summary>
    /// <param name="upstream">Who knows other names.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Says what does not work.</param>
    /// <param name="isPod">Whether an address is one of a pod; nobody else is answered but the host.</param>
    /// <param name="port">Where it listens.</param>
    public ClusterDns(IDnsUpstream upstream, TimeProvider time, Action<string, Exception> tell, Func<IPAddress, bool> isPod, int port = Port)
    {
        (_time, _tell, _isPod, _port) = (time, tell, isPod, port);
        _resolver = new DnsResolver(() => Volatile.Read(ref _zone), upstream);
    }

    /// <summary>The names that it knows; null as long as it knows none, so that it says that it fails and not that there is no such name.</summary>
    public DnsZone? Zone
    {
        get => Volatile.Read(ref _zone);
        set => Volatile.Write(ref _zone, value);
    }

    /// <summary>Listens at an address from now on; at none for null. It may come later: that of a gateway is there when the first pod is.</summary>
    public void Serve(IPAddress? address)
    {
        if (address is null)
        {
            Stop();
            return;
        }

        lock (_gate)
        {
            if (address.Equals(_address) || _stopping.IsCancellationRequested)
            {
                return;
            }

            _address = address;
            End(_server);
            _server = null;
        }

        _ = ListenAsync(address);
    }

    /// <summary>Listens no more, until it is told where: the agent that comes next in this process has a server of its own.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            End(_server);
            (_server, _address) = (null, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping.Cancel();
            End(_server);
            _server = null;
        }

        _resolver.Dispose();
    }

    private static void End(DnsServer? server)
    {
        try
        {
            server?.Stop();
        }
        catch (AggregateException)
        {
            // What waited for questions was cancelled, which is how it ends.
        }
    }

    private async Task ListenAsync(IPAddress address)
    {
        var hasSaid = false;
        while (true)
        {
            DnsServer? server = null;
            try
            {
                lock (_gate)
                {
                    if (_stopping.IsCancellationRequested || !address.Equals(_address))
                    {
                        return;
                    }

                    server = new DnsServer(new UdpServerTransport(new IPEndPoint(address, _port), TimeoutMilliseconds), new ConnectionLimit(new TcpServerTransport(new IPEndPoint(address, _port), TimeoutMilliseconds, TimeoutMilliseconds), MostOfOne));
                    server.QueryReceived += OnQueryAsync;
                    server.Start();
                    _server = server;
                    return;
                }
            }
            catch (SocketException e)
            {
                // One of the two may have begun.
                End(server);
                if (!hasSaid && e.SocketErrorCode != SocketError.AddressNotAvailable)
                {
                    hasSaid = true;
                    _tell($"Names are not resolved for pods, because {address}:{_port} cannot be used", e);
                }
            }

            await Task.Delay(Retry, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OnQueryAsync(object sender, QueryReceivedEventArgs query)
    {
        if (query.Query is not DnsMessage asked)
        {
            return;
        }

        var response = asked.CreateResponseInstance();
        query.Response = response;
        var client = query.RemoteEndpoint.Address;
        if (!_isPod(client) && !IPAddress.IsLoopback(client))
        {
            response.ReturnCode = ReturnCode.Refused;
            return;
        }

        if (response.EDnsOptions is { UdpPayloadSize: > MostBytes } options)
        {
            options.UdpPayloadSize = MostBytes;
        }

        try
        {
            if (_clients.AddOrUpdate(client, 1, (_, n) => n + 1) > MostOfOne)
            {
                response.ReturnCode = ReturnCode.ServerFailure;
                return;
            }

            using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            bound.CancelAfter(TimeoutMilliseconds);
            await _resolver.AnswerAsync(response, bound.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever a pod has sent: it gets an answer, and the server goes on.
            response.ReturnCode = ReturnCode.ServerFailure;
        }
        finally
        {
            if (_clients.AddOrUpdate(client, 0, (_, n) => n - 1) == 0)
            {
                _clients.TryRemove(KeyValuePair.Create(client, 0));
            }
        }
    }
}
