using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Docker;

/// <summary>The network namespace of a container, entered to connect as a process in it would: what listens at <c>localhost</c> only is reached too.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens the namespace of a process if it belongs to that container; null if it does not, because the engine runs on another host.</summary>
    public static NetworkNamespace? Open(int pid, string container)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"));

            // Looked at after the namespace is open: a process of the same number that came later has another one.
            if (File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup")).Contains(container, StringComparison.Ordinal))
            {
                return new NetworkNamespace(handle);
            }

            handle.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            return null;
        }
    }

    /// <summary>Connects to a port of localhost: IPv4 first, as the kubelet does; what it says is what the client is told.</summary>
    /// <exception cref="SocketException">Nothing listens.</exception>
    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellation)
    {
        var (four, six) = await SocketsAsync().ConfigureAwait(false);
        Socket? chosen = null;
        try
        {
            var fault = await TryAsync(four, IPAddress.Loopback, port, cancellation).ConfigureAwait(false);
            chosen = fault is null ? four : six is not null && await TryAsync(six, IPAddress.IPv6Loopback, port, cancellation).ConfigureAwait(false) is null ? six : throw fault;
            return chosen;
        }
        finally
        {
            foreach (var socket in new[] { four, six }.Where(s => s != chosen))
            {
                socket?.Dispose();
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private static async Task<SocketException?> TryAsync(Socket socket, IPAddress address, int port, CancellationToken cancellation)
    {
        try
        {
            await socket.ConnectAsync(address, port, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }

    // A socket belongs to the namespace that it is made in, wherever it is used.
    private async Task<(Socket Four, Socket? Six)> SocketsAsync() =>
        await NamespaceThread.RunAsync(_handle, () => (New(AddressFamily.InterNetwork), Socket.OSSupportsIPv6 ? New(AddressFamily.InterNetworkV6) : null)).ConfigureAwait(false);

    private static Socket New(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
