using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>Exec and attach over a WebSocket: the first byte of each message is its channel (Kubernetes: <c>v4.channel.k8s.io</c>, and <c>v5</c>, in which a
/// message of channel 255 closes another one; in the oldest, <c>channel.k8s.io</c>, an error is a text).</summary>
internal sealed class WebSocketCommand : IRemoteCommand
{
    public const string Version1 = "channel.k8s.io";
    public const string Version4 = "v4.channel.k8s.io";
    public const string Version5 = "v5.channel.k8s.io";
    private const byte Input = 0;
    private const byte Errors = 3;
    private const byte Sizes = 4;
    private const byte Close = 255;
    private const int Ahead = 16;
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);
    private readonly WebSocket _socket;
    private readonly bool _saysText;
    private readonly Channel<ReadOnlyMemory<byte>> _input = Channel.CreateBounded<ReadOnlyMemory<byte>>(Ahead);
    private readonly Channel<(int, int)> _sizes = Channel.CreateBounded<(int, int)>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _reading;

    /// <summary>Begins to read what the client sends.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="protocol">What was agreed on with the client.</param>
    /// <param name="hasInput">Whether input is read; what the client sends unasked is dropped.</param>
    public WebSocketCommand(WebSocket socket, string protocol, bool hasInput)
    {
        (_socket, _saysText) = (socket, protocol == Version1);
        if (!hasInput)
        {
            _input.Writer.TryComplete();
        }

        _reading = ReceiveAsync();
    }

    /// <summary>Cancelled once the client has gone.</summary>
    public CancellationToken Gone => _over.Token;

    public async ValueTask<ReadOnlyMemory<byte>> ReadInputAsync(CancellationToken cancellation) =>
        await _input.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _input.Reader.TryRead(out var bytes) ? bytes : default;

    public async ValueTask<(int Width, int Height)?> ReadSizeAsync(CancellationToken cancellation) =>
        await _sizes.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _sizes.Reader.TryRead(out var size) ? size : null;

    public async ValueTask WriteAsync(int channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var message = new byte[bytes.Length + 1];
        message[0] = (byte)channel;
        bytes.CopyTo(message.AsMemory(1));
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask EndAsync(JsonObject status, CancellationToken cancellation)
    {
        if (!_saysText || (string?)status["status"] != "Success")
        {
            await WriteAsync(Errors, Encoding.UTF8.GetBytes(_saysText ? (string?)status["message"] ?? "" : status.ToJsonString()), cancellation).ConfigureAwait(false);
        }

        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.CloseSent)
        {
            // What was sent last is on its way until the client answers the close.
            await Task.WhenAny(_reading, Task.Delay(CloseBound)).ConfigureAwait(false);
        }

        await _over.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await _reading.ConfigureAwait(false);
        _socket.Dispose();
        _over.Dispose();
        _writing.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer.AsMemory(), _over.Token).ConfigureAwait(false);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                if (read.Count == 0)
                {
                    continue;
                }

                // Of a message that comes in parts only the first has the channel.
                var (channel, rest) = (buffer[0], buffer.AsMemory(1, read.Count - 1));
                await TakeAsync(channel, rest, read.EndOfMessage).ConfigureAwait(false);
                while (!read.EndOfMessage)
                {
                    read = await _socket.ReceiveAsync(buffer.AsMemory(), _over.Token).ConfigureAwait(false);
                    await TakeAsync(channel, buffer.AsMemory(0, read.Count), isWhole: false).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or ChannelClosedException)
        {
            // The client has gone, or sends what it has closed.
        }

        _input.Writer.TryComplete();
        _sizes.Writer.TryComplete();
        await _over.CancelAsync().ConfigureAwait(false);
    }

    private async ValueTask TakeAsync(byte channel, Memory<byte> bytes, bool isWhole)
    {
        if (channel == Input && bytes.Length > 0 && !_input.Reader.Completion.IsCompleted)
        {
            await _input.Writer.WriteAsync(bytes.ToArray(), _over.Token).ConfigureAwait(false);
        }
        else if (channel == Sizes && isWhole && TerminalSize.Read(bytes.Span) is { } size)
        {
            _sizes.Writer.TryWrite(size);
        }
        else if (channel == Close && bytes is { Length: > 0 } && bytes.Span[0] == Input)
        {
            _input.Writer.TryComplete();
        }
    }
}
