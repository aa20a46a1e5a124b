using System.Threading.Channels;

namespace Orchestrator.Node.ApiServer.Streams.Spdy;

/// <summary>A stream that the client opened.</summary>
internal sealed class SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers)
{
    // As Kubernetes' library: SPDY's windows are not used, so a reader that falls behind holds up the connection.
    private const int Ahead = 16;
    private readonly Channel<ReadOnlyMemory<byte>> _received = Channel.CreateBounded<ReadOnlyMemory<byte>>(Ahead);

    private readonly CancellationTokenSource _reset = new();

    /// <summary>Cancelled once the client wants nothing more of it.</summary>
    public CancellationToken WasReset => _reset.Token;

    /// <summary>Its number.</summary>
    public int Id => id;

    /// <summary>Returns a header; empty if there is none.</summary>
    public string Header(string name) => headers.GetValueOrDefault(name, "");

    /// <summary>Reads what comes next; empty at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation) =>
        await _received.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _received.Reader.TryRead(out var bytes) ? bytes : default;

    /// <summary>Writes.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => connection.SendDataAsync(id, bytes, isEnd: false, cancellation);

    /// <summary>Says that nothing more is written.</summary>
    public ValueTask EndAsync(CancellationToken cancellation) => connection.SendDataAsync(id, default, isEnd: true, cancellation);

    /// <summary>Reads no more: what the client still sends is dropped.</summary>
    public void Abandon() => Ended();

    /// <summary>The client has sent something.</summary>
    internal async ValueTask ReceivedAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await _received.Writer.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // It said that it would send no more.
        }
    }

    /// <summary>The client sends no more.</summary>
    internal void Ended() => _received.Writer.TryComplete();

    /// <summary>The client neither sends nor reads any more.</summary>
    internal void Reset()
    {
        Ended();
        _reset.Cancel();
    }
}
