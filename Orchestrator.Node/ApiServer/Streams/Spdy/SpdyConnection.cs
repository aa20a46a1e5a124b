using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Orchestrator.Node.ApiServer.Streams.Spdy;

/// <summary>The server's side of a SPDY/3.1 connection, as kubectl speaks it for exec, attach and port-forward: the client opens streams, both sides write.</summary>
/// <remarks>Kubernetes' clients neither send nor heed window updates, so there are none here.</remarks>
internal sealed class SpdyConnection : IAsyncDisposable
{
    private const int SynStream = 1;
    private const int SynReply = 2;
    private const int Reset = 3;
    private const int Ping = 6;
    private const int GoAway = 7;
    private const byte Fin = 1;
    private const int MaxStreams = 2_000;
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);
    private const int MaxControl = 64 * 1024;
    private const int MaxData = 32 * 1024;
    private readonly Stream _stream;
    private readonly SpdyHeaderReader _headers = new();
    private readonly SpdyHeaderWriter _replies = new();
    private readonly ConcurrentDictionary<int, SpdyStream> _streams = new();
    private readonly Channel<SpdyStream> _opened = Channel.CreateUnbounded<SpdyStream>();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _reading;
    private readonly Task _pinging;
    private int _count;

    public SpdyConnection(Stream stream)
    {
        _stream = stream;
        _reading = ReceiveAsync();
        _pinging = PingAsync();
    }

    /// <summary>Cancelled once the client has gone.</summary>
    public CancellationToken Gone => _over.Token;

    /// <summary>The streams that the client opens; ends when the client goes.</summary>
    public ChannelReader<SpdyStream> Opened => _opened.Reader;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _pinging.ConfigureAwait(false);
        _headers.Dispose();
        _writing.Dispose();
        _over.Dispose();
    }

    /// <summary>Forgets a stream that is over for both sides.</summary>
    public void Forget(SpdyStream stream)
    {
        _streams.TryRemove(stream.Id, out _);
        Interlocked.Decrement(ref _count);
    }

    /// <summary>Sends data of a stream.</summary>
    internal async ValueTask SendDataAsync(int id, ReadOnlyMemory<byte> bytes, bool isEnd, CancellationToken cancellation)
    {
        do
        {
            var part = bytes[..Math.Min(MaxData, bytes.Length)];
            bytes = bytes[part.Length..];
            var frame = new byte[8 + part.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, id);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), part.Length);
            frame[4] = isEnd && bytes.Length == 0 ? Fin : (byte)0;
            part.CopyTo(frame.AsMemory(8));
            await SendAsync(() => frame, cancellation).ConfigureAwait(false);
        }
        while (bytes.Length > 0);
    }

    // Frames are made when it is their turn: header blocks depend on those before.
    private async ValueTask SendAsync(Func<byte[]> frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(frame(), cancellation).ConfigureAwait(false);
            await _stream.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        var head = new byte[8];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(head, _over.Token).ConfigureAwait(false);
                var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) & 0xFF_FFFF;
                if ((head[0] & 0x80) == 0)
                {
                    await DataAsync(BinaryPrimitives.ReadInt32BigEndian(head), length, head[4]).ConfigureAwait(false);
                    continue;
                }

                var body = new byte[length <= MaxControl ? length : throw new InvalidDataException("a control frame is too large")];
                await _stream.ReadExactlyAsync(body, _over.Token).ConfigureAwait(false);
                if (BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)) == GoAway || !await ControlAsync(BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)), head[4], body).ConfigureAwait(false))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The client has gone, or speaks something else.
        }
        finally
        {
            foreach (var stream in _streams.Values)
            {
                stream.Reset();
            }

            _opened.Writer.TryComplete();
            await _over.CancelAsync().ConfigureAwait(false);
        }
    }

    // A client that is not there any more is noticed by what is written to it.
    private async Task PingAsync()
    {
        try
        {
            for (var id = 2; ; id += 2)
            {
                await Task.Delay(PingInterval, _over.Token).ConfigureAwait(false);
                await SendAsync(() => Control(Ping, Number(id)), _over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await _over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task DataAsync(int id, int length, byte flags)
    {
        var stream = _streams.GetValueOrDefault(id);
        for (var left = length; left > 0;)
        {
            var bytes = new byte[Math.Min(MaxData, left)];
            await _stream.ReadExactlyAsync(bytes, _over.Token).ConfigureAwait(false);
            left -= bytes.Length;
            if (stream is not null)
            {
                await stream.ReceivedAsync(bytes, _over.Token).ConfigureAwait(false);
            }
        }

        if ((flags & Fin) != 0)
        {
            stream?.Ended();
        }
    }

    // False ends the connection.
    private async Task<bool> ControlAsync(int type, byte flags, byte[] body)
    {
        switch (type)
        {
            case SynStream when body.Length > 10 && Interlocked.Increment(ref _count) <= MaxStreams:
                var id = BinaryPrimitives.ReadInt32BigEndian(body) & 0x7FFF_FFFF;
                var stream = new SpdyStream(this, id, _headers.Read(body.AsSpan(10)));
                if (id % 2 == 0 || !_streams.TryAdd(id, stream))
                {
                    return false;
                }

                if ((flags & Fin) != 0)
                {
                    stream.Ended();
                }

                await SendAsync(() => Control(SynReply, [.. Number(id), .. _replies.Write(new Dictionary<string, string>())]), _over.Token).ConfigureAwait(false);
                _opened.Writer.TryWrite(stream);
                return true;
            case SynStream:
                return false;
            case Reset when body.Length >= 4 && _streams.TryRemove(BinaryPrimitives.ReadInt32BigEndian(body), out var reset):
                reset.Reset();
                return true;
            case Ping when body.Length == 4 && body[3] % 2 == 1:
                await SendAsync(() => Control(Ping, body), _over.Token).ConfigureAwait(false);
                return true;
            default:
                // Settings and window updates say nothing that is needed.
                return true;
        }
    }

    private static byte[] Control(int type, ReadOnlySpan<byte> body) => [0x80, 3, 0, (byte)type, 0, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
