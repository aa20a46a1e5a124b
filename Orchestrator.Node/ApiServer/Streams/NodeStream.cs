using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>A stream to a pod, as the API server holds it. A request that is not answered is sent again; nothing is read or written twice.</summary>
internal sealed class NodeStream : IAsyncDisposable
{
    /// <summary>Maximum size of a write in bytes.</summary>
    public const int MaxWrite = 64 * 1024;

    private static readonly TimeSpan KeepInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan OpenBound = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan AskBound = TimeSpan.FromSeconds(15);

    // An agent answers a read in time, if only with nothing. A process may leave its input unread for long, which holds up nobody but its own client.
    private const int ReadTries = 3;
    private const int WriteTries = 1_000;
    private readonly IActorRef _session;
    private readonly Timer _keeping;
    private long _read;
    private long _written;

    private NodeStream(IActorRef session)
    {
        _session = session;
        _keeping = new Timer(_ => session.Tell(new KeepStream()), null, KeepInterval, KeepInterval);
    }

    /// <summary>Opens a stream at the agent of a node.</summary>
    /// <exception cref="ApiException">The node cannot be reached, or refuses.</exception>
    public static async Task<NodeStream> OpenAsync(ApiServices services, string node, IOpenStream open, CancellationToken cancellation)
    {
        try
        {
            return await services.Gateway().Ask<object>(new ToNode(node, open), OpenBound, cancellation).ConfigureAwait(false) switch
            {
                StreamOpened opened => new NodeStream(opened.Session),
                StreamRefused refused => throw new ApiException(ApiReason.BadRequest, refused.Why),
                _ => throw new ApiException(ApiReason.ServiceUnavailable, $"node {node} cannot be reached; try again when it is back"),
            };
        }
        catch (AskTimeoutException)
        {
            throw new ApiException(ApiReason.Timeout, $"node {node} did not answer in {OpenBound.TotalSeconds:0} s; try again");
        }
    }

    /// <summary>Reads the next piece; the last one has an end.</summary>
    public async Task<StreamPiece> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var piece = await AskAsync<StreamPiece>(new ReadStream(++_read), ReadTries, cancellation).ConfigureAwait(false)
                ?? new StreamPiece(_read, 1, [], new StreamEnd(null, "the node does not answer any more"));
            if (piece.Bytes.Length > 0 || piece.End is not null)
            {
                return piece;
            }
        }
    }

    /// <summary>Writes input; with no bytes, says that none follows.</summary>
    /// <returns>Why nothing more can be written; null if it can.</returns>
    public async Task<string?> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        for (var left = bytes; ; left = left[Math.Min(MaxWrite, left.Length)..])
        {
            var write = new WriteStream(++_written, left[..Math.Min(MaxWrite, left.Length)].ToArray(), bytes.Length == 0);
            var reply = await AskAsync<StreamWritten>(write, WriteTries, cancellation).ConfigureAwait(false);
            if (reply is not { Error: null } || left.Length <= MaxWrite)
            {
                return reply is null ? "the node does not answer any more" : reply.Error;
            }
        }
    }

    /// <summary>Sets the size of the terminal in characters.</summary>
    public void Resize(int width, int height) => _session.Tell(new ResizeTerminal(width, height));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _session.Tell(new CloseStream());
        return _keeping.DisposeAsync();
    }

    private async Task<T?> AskAsync<T>(object message, int tries, CancellationToken cancellation)
        where T : class
    {
        for (var i = 0; i < tries; i++)
        {
            try
            {
                return await _session.Ask<T>(message, AskBound, cancellation).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                // Sent again, with the same number.
            }
        }

        return null;
    }
}
