using System.Net.WebSockets;
using Orchestrator.Node.ApiServer.Streams;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Where a log goes: the body of the answer, or binary messages of a WebSocket (Kubernetes: <c>binary.k8s.io</c>).</summary>
internal sealed class LogSink : IAsyncDisposable
{
    private const string Protocol = "binary.k8s.io";
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);
    private readonly HttpContext _http;
    private readonly CancellationTokenSource _gone;
    private WebSocket? _socket;
    private Task _reading = Task.CompletedTask;

    public LogSink(HttpContext http) => (_http, _gone) = (http, CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted));

    /// <summary>Whether something was written, so that an error can no longer be a status.</summary>
    public bool HasStarted => _http.Response.HasStarted || _socket is not null;

    /// <summary>Cancelled once the client has gone.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Writes what comes next.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!ClientUpgrade.IsWebSocket(_http))
        {
            _http.Response.ContentType ??= "text/plain";
            await _http.Response.Body.WriteAsync(bytes, Gone).ConfigureAwait(false);
            await _http.Response.Body.FlushAsync(Gone).ConfigureAwait(false);
            return;
        }

        if (_socket is null)
        {
            _socket = await ClientUpgrade.WebSocketAsync(_http, ClientUpgrade.Protocol(_http, Protocol) ?? Protocol).ConfigureAwait(false);
            _reading = ReadAsync(_socket);
        }

        if (bytes.Length > 0)
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, Gone).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket is { } socket)
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var bound = new CancellationTokenSource(CloseBound);
                try
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", bound.Token).ConfigureAwait(false);
                    await _reading.WaitAsync(bound.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
                {
                    // It has gone already.
                }
            }

            await _gone.CancelAsync().ConfigureAwait(false);
            socket.Abort();
            await _reading.ConfigureAwait(false);
            socket.Dispose();
        }

        _gone.Dispose();
    }

    // A client says nothing; what is read is that it goes.
    private async Task ReadAsync(WebSocket socket)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), Gone).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
        }

        await _gone.CancelAsync().ConfigureAwait(false);
    }
}
