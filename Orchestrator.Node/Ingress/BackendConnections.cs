using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Node.Ingress;

/// <summary>The connections to endpoints, which requests share.</summary>
internal sealed class BackendConnections : IDisposable
{
    /// <summary>On a request: how long it may take to connect.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> ConnectTimeout = new("orchestrator.connect-timeout");

    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Sends requests.</summary>
    public HttpMessageInvoker Invoker { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = null,
        ConnectCallback = ConnectAsync,

        // Pods have certificates of their own making.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    /// <inheritdoc/>
    public void Dispose() => Invoker.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(context.InitialRequestMessage.Options.TryGetValue(ConnectTimeout, out var given) ? given : UsualTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, bound.Token).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            socket.Dispose();
            throw new EndpointUnreachableException($"{context.DnsEndPoint.Host}:{context.DnsEndPoint.Port} could not be reached", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>No connection to an endpoint could be made, so nothing of the request was sent.</summary>
internal sealed class EndpointUnreachableException : IOException
{
    public EndpointUnreachableException()
    {
    }

    public EndpointUnreachableException(string message) : base(message)
    {
    }

    public EndpointUnreachableException(string message, Exception inner) : base(message, inner)
    {
    }
}
