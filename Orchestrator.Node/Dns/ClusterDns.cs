using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;

namespace Orchestrator.Node.Dns;

/// <summary>The server of names of a node, for its own pods: at the address that each of them has for its gateway, by UDP and TCP.</summary>
internal sealed class ClusterDns : IDisposable
{
    private const int Port = 53;
    private const int TimeoutMilliseconds = 5000;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly DnsResolver _resolver;
    private readonly TimeProvider _time;
    private readonly Action<string, Exception> _tell;
    private readonly int _port;
    private readonly CancellationTokenSource _stopping = new();
    private DnsZone _zone = DnsZone.Empty;
    private IPAddress? _address;
    private DnsServer? _server;

    /// <summary>Does not listen yet.</summary>
    /// <param name="upstream">Who knows other names.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Says what does not work.</param>
    /// <param name="port">Where it listens.</param>
    public ClusterDns(IDnsUpstream upstream, TimeProvider time, Action<string, Exception> tell, int port = Port)
    {
        (_time, _tell, _port) = (time, tell, port);
        _resolver = new DnsResolver(() => Volatile.Read(ref _zone), upstream);
    }

    /// <summary>The names that it knows.</summary>
    public DnsZone Zone
    {
        get => Volatile.Read(ref _zone);
        set => Volatile.Write(ref _zone, value);
    }

    /// <summary>Listens at an address from now on. It may come later: that of a gateway is there when the first pod is.</summary>
    public void Serve(IPAddress address)
    {
        lock (_gate)
        {
            if (address.Equals(_address) || _stopping.IsCancellationRequested)
            {
                return;
            }

            _address = address;
            _server?.Stop();
            _server = null;
        }

        _ = ListenAsync(address);
    }

    /// <summary>Listens no more, until it is told where: the agent that comes next in this process has a server of its own.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _server?.Stop();
            (_server, _address) = (null, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping.Cancel();
            _server?.Stop();
            _server = null;
        }

        _resolver.Dispose();
    }

    private async Task ListenAsync(IPAddress address)
    {
        var hasSaid = false;
        while (true)
        {
            try
            {
                lock (_gate)
                {
                    if (_stopping.IsCancellationRequested || !address.Equals(_address))
                    {
                        return;
                    }

                    var server = new DnsServer(new UdpServerTransport(new IPEndPoint(address, _port), TimeoutMilliseconds), new TcpServerTransport(new IPEndPoint(address, _port), TimeoutMilliseconds, TimeoutMilliseconds));
                    server.QueryReceived += OnQueryAsync;
                    server.Start();
                    _server = server;
                    return;
                }
            }
            catch (SocketException e)
            {
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
        try
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            bound.CancelAfter(TimeoutMilliseconds);
            await _resolver.AnswerAsync(response, bound.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever a pod has sent: it gets an answer, and the server goes on.
            response.ReturnCode = ReturnCode.ServerFailure;
        }

        query.Response = response;
    }
}
