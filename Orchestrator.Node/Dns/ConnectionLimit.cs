using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;

namespace Orchestrator.Node.Dns;

/// <summary>A way of questions with so many connections of one client at a time, and no more: each costs this program a descriptor, and a pod could open as many as it likes. Those above are closed at once.</summary>
/// <param name="inner">The way.</param>
/// <param name="most">How many.</param>
internal sealed class ConnectionLimit(IServerTransport inner, int most) : IServerTransport
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <inheritdoc/>
    public ushort DefaultAllowedResponseSize => inner.DefaultAllowedResponseSize;

    /// <inheritdoc/>
    public bool SupportsMultipleResponses => inner.SupportsMultipleResponses;

    /// <inheritdoc/>
    public bool AllowTruncatedResponses => inner.AllowTruncatedResponses;

    /// <inheritdoc/>
    public TransportProtocol TransportProtocol => inner.TransportProtocol;

    /// <inheritdoc/>
    public void Bind() => inner.Bind();

    /// <inheritdoc/>
    public void Close() => inner.Close();

    /// <inheritdoc/>
    public async Task<IServerConnection?> AcceptConnectionAsync(CancellationToken token = default)
    {
        while (await inner.AcceptConnectionAsync(token).ConfigureAwait(false) is { } connection)
        {
            IPAddress client;
            try
            {
                client = connection.RemoteEndPoint.Address;
            }
            catch (SocketException)
            {
                // It has gone already.
                connection.Dispose();
                continue;
            }

            var counted = new Counted(connection, this, client);
            if (_open.AddOrUpdate(client, 1, (_, n) => n + 1) <= most)
            {
                return counted;
            }

            counted.Dispose();
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private void Ended(IPAddress client)
    {
        if (_open.AddOrUpdate(client, 0, (_, n) => n - 1) == 0)
        {
            _open.TryRemove(KeyValuePair.Create(client, 0));
        }
    }

    private sealed class Counted(IServerConnection connection, ConnectionLimit limit, IPAddress client) : IServerConnection
    {
        private int _isOver;

        public IServerTransport Transport => limit;

        public IPEndPoint RemoteEndPoint => connection.RemoteEndPoint;

        public IPEndPoint LocalEndPoint => connection.LocalEndPoint;

        public bool CanRead => connection.CanRead;

        public async Task<bool> InitializeAsync(CancellationToken token = default) => await connection.InitializeAsync(token).ConfigureAwait(false) || End<bool>();

        public async Task<DnsReceivedRawPackage?> ReceiveAsync(CancellationToken token = default) => await connection.ReceiveAsync(token).ConfigureAwait(false) ?? End<DnsReceivedRawPackage>();

        public async Task<bool> SendAsync(DnsRawPackage package, CancellationToken token = default) => await connection.SendAsync(package, token).ConfigureAwait(false) || End<bool>();

        // The library leaves a connection on which nothing more comes to the collector of garbage, and with it its descriptor.
        private T? End<T>()
        {
            Dispose();
            return default;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                connection.Dispose();
                limit.Ended(client);
            }
        }
    }
}
