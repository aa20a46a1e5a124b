using System.Threading.Channels;
using Akka.Actor;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent.KeptLogs;

namespace Orchestrator.Node.Agent;

/// <summary>An open log stream. Reads ahead, answers one request for a chunk at a time, and stops when no requests arrive any more.</summary>
internal sealed class LogSessionActor : ReceiveActor
{
    private const int Ahead = 16;
    private const int MaxChunk = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(60);
    private readonly Channel<ReadOnlyMemory<byte>> _pieces = Channel.CreateBounded<ReadOnlyMemory<byte>>(Ahead);
    private readonly CancellationTokenSource _stopping = new();
    private IActorRef? _asker;

    public LogSessionActor(Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> log)
    {
        _ = ReadAsync(log);
        Context.SetReceiveTimeout(Abandoned);
        Receive<NextLogChunk>(_ =>
        {
            // A new request while one is pending means that the first timed out; the chunk goes to the second.
            var isWaiting = _asker is not null;
            _asker = Sender;
            if (!isWaiting)
            {
                NextAsync().PipeTo(Self);
            }
        });
        Receive<LogChunk>(chunk =>
        {
            _asker!.Tell(chunk);
            _asker = null;
            if (chunk.IsEnd)
            {
                Context.Stop(Self);
            }
        });
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
    }

    /// <summary>The log of a container in a runtime.</summary>
    public static Props Props(IContainerRuntime runtime, OpenLog open)
    {
        var options = new LogOptions(open.Follow, open.IsPrevious, open.TailLines, open.Since, open.HasTimestamps, open.LimitBytes, open.ContainerId);
        return Of(stop => runtime.LogsAsync(open.PodUid, open.Container, options, stop));
    }

    /// <summary>A log that is kept.</summary>
    public static Props Props(KeptLogStore? kept, OpenKeptLog open) => Of(_ => KeptAsync(kept, open));

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    private static Props Of(Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> log) => Akka.Actor.Props.Create(() => new LogSessionActor(log));

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> KeptAsync(KeptLogStore? kept, OpenKeptLog open)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var piece in kept?.Read(open) ?? [])
        {
            yield return piece;
        }
    }

    private async Task ReadAsync(Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> log)
    {
        try
        {
            await foreach (var piece in log(_stopping.Token).ConfigureAwait(false))
            {
                await _pieces.Writer.WriteAsync(piece, _stopping.Token).ConfigureAwait(false);
            }

            _pieces.Writer.TryComplete();
        }
        catch (Exception e)
        {
            // The reader reports it to the client.
            _pieces.Writer.TryComplete(e);
        }
    }

    // Every failure is reported; otherwise the reader would wait in vain.
    private async Task<LogChunk> NextAsync()
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            patience.CancelAfter(Patience);
            if (!await _pieces.Reader.WaitToReadAsync(patience.Token).ConfigureAwait(false))
            {
                return new LogChunk([], true, null);
            }

            using var chunk = new MemoryStream();
            while (chunk.Length < MaxChunk && _pieces.Reader.TryRead(out var piece))
            {
                chunk.Write(piece.Span);
            }

            return new LogChunk(chunk.ToArray(), false, null);
        }
        catch (OperationCanceledException)
        {
            return new LogChunk([], _stopping.IsCancellationRequested, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new LogChunk([], true, e.Message);
        }
    }
}
