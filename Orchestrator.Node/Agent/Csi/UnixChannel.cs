using System.Net.Sockets;
using Grpc.Net.Client;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>gRPC on the Unix sockets of drivers.</summary>
internal static class UnixChannel
{
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(10);

    // What a driver says of one volume is much smaller.
    private const int MaxMessage = 4 << 20;

    /// <summary>Opens a channel. It connects with the first call, and again when the driver has been restarted.</summary>
    public static GrpcChannel Open(string socket) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        MaxReceiveMessageSize = MaxMessage,
        HttpHandler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = ConnectBound, ConnectCallback = async (_, cancellation) => await ConnectAsync(socket, cancellation).ConfigureAwait(false) },
    });

    private static async Task<Stream> ConnectAsync(string socket, CancellationToken cancellation)
    {
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation).ConfigureAwait(false);
            return new NetworkStream(connection, ownsSocket: true);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
