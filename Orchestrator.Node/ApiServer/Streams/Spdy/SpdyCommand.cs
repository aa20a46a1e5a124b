using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.ApiServer.Streams.Spdy;

/// <summary>Exec and attach over SPDY: a stream each for errors, input, output, its errors, and sizes (Kubernetes: <c>v4.channel.k8s.io</c>).</summary>
internal sealed class SpdyCommand : IRemoteCommand
{
    private static readonly TimeSpan OpenBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);
    private readonly SpdyConnection _connection;
    private readonly Dictionary<string, SpdyStream> _streams;
    private readonly MemoryStream _sizes = new();
    private bool _hasEnded;

    private SpdyCommand(SpdyConnection connection, Dictionary<string, SpdyStream> streams) => (_connection, _streams) = (connection, streams);

    /// <summary>Waits until the client has opened its streams; null if it does not.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="types">The types of the streams: <c>error</c>, <c>stdin</c>, <c>stdout</c>, <c>stderr</c>, <c>resize</c>.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public static async Task<SpdyCommand?> OpenAsync(SpdyConnection connection, IReadOnlyCollection<string> types, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(OpenBound);
        var streams = new Dictionary<string, SpdyStream>();
        try
        {
            while (!types.All(streams.ContainsKey))
            {
                var stream = await connection.Opened.ReadAsync(bound.Token).ConfigureAwait(false);
                if (!types.Contains(stream.Header("streamtype")))
                {
                    return null;
                }

                streams[stream.Header("streamtype")] = stream;
                if (stream.Header("streamtype") is not ("stdin" or "resize"))
                {
                    stream.Abandon();
                }
            }

            return new SpdyCommand(connection, streams);
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            return null;
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> ReadInputAsync(CancellationToken cancellation) => _streams["stdin"].ReadAsync(cancellation);

    // Documents one after the other, each with a line end.
    public async ValueTask<(int Width, int Height)?> ReadSizeAsync(CancellationToken cancellation)
    {
        const int MaxSize = 1024;
        while (await _streams["resize"].ReadAsync(cancellation).ConfigureAwait(false) is { IsEmpty: false } bytes)
        {
            _sizes.Write(bytes.Span);
            var lines = Encoding.UTF8.GetString(_sizes.GetBuffer(), 0, (int)_sizes.Length).Split('\n');
            if (lines.Reverse().Select(l => TerminalSize.Read(Encoding.UTF8.GetBytes(l))).FirstOrDefault(s => s is not null) is { } size)
            {
                _sizes.SetLength(0);
                return size;
            }

            if (_sizes.Length > MaxSize)
            {
                return null;
            }
        }

        return null;
    }

    public ValueTask WriteAsync(int channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        !bytes.IsEmpty && _streams.TryGetValue(channel == 2 ? "stderr" : "stdout", out var stream) ? stream.WriteAsync(bytes, cancellation) : ValueTask.CompletedTask;

    public async ValueTask EndAsync(JsonObject status, CancellationToken cancellation)
    {
        _hasEnded = true;
        await _streams["error"].WriteAsync(Encoding.UTF8.GetBytes(status.ToJsonString()), cancellation).ConfigureAwait(false);
        foreach (var stream in _streams.Values)
        {
            await stream.EndAsync(cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasEnded)
        {
            // What was sent last is on its way until the client goes.
            await Task.WhenAny(Task.Delay(CloseBound, _connection.Gone)).ConfigureAwait(false);
        }

        _sizes.Dispose();
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
