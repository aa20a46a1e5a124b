using System.Threading.Channels;
using Akka.Actor;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.Agent.Streams;

/// <summary>An open stream to a pod. Reads ahead, answers one request for a piece and one write at a time, and stops when it hears nothing any more.</summary>
internal sealed class StreamSessionActor : ReceiveActor
{
    private const int Ahead = 16;
    private const int MaxPiece = 64 * 1024;
    private const int ResizeTries = 20;
    private static readonly TimeSpan ResizePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OpenBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(60);
    private readonly IContainerStreams _streams;
    private readonly Channel<(int Channel, ReadOnlyMemory<byte> Bytes)> _ahead = Channel.CreateBounded<(int, ReadOnlyMemory<byte>)>(Ahead);
    private readonly CancellationTokenSource _stopping = new();
    private Task<Opened>? _opening;
    private IContainerStream? _stream;
    private IActorRef _reader = ActorRefs.Nobody;
    private IActorRef _writer = ActorRefs.Nobody;
    private StreamPiece? _piece;
    private StreamWritten _written = new(0, null);
    private ResizeTerminal? _size;
    private bool _isResizing;
    private long _reading;
    private long _writing;

    public StreamSessionActor(IContainerStreams streams)
    {
        _streams = streams;
        Context.SetReceiveTimeout(Abandoned);
        Receive<IOpenStream>(open =>
        {
            _reader = Sender;
            (_opening = OpenAsync(open)).PipeTo(Self);
        });
        Receive<Opened>(Begin);
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
        Receive<CloseStream>(_ => Context.Stop(Self));
    }

    public static Props Props(IContainerStreams streams) => Akka.Actor.Props.Create(() => new StreamSessionActor(streams));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();

        // Also one that opens when nobody is left to take it.
        _ = _opening?.ContinueWith(async opened => await (opened.Result.Stream?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false),
            CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private void Begin(Opened opened)
    {
        if (opened.Stream is not { } stream)
        {
            _reader.Tell(new StreamRefused(opened.Why!));
            Context.Stop(Self);
            return;
        }

        _stream = stream;
        _ = ReadAheadAsync(stream);
        Become(Open);
        _reader.Tell(new StreamOpened(Self));
    }

    private void Open()
    {
        Receive<ReadStream>(read =>
        {
            _reader = Sender;
            if (_piece?.Number == read.Number)
            {
                _reader.Tell(_piece);
            }
            else if (read.Number > _reading)
            {
                _reading = read.Number;
                NextAsync(read.Number).PipeTo(Self);
            }
        });
        Receive<StreamPiece>(piece =>
        {
            _piece = piece;
            _reader.Tell(piece);
        });
        Receive<WriteStream>(write =>
        {
            _writer = Sender;
            if (_written.Number == write.Number)
            {
                _writer.Tell(_written);
            }
            else if (write.Number > _writing)
            {
                _writing = write.Number;
                WriteAsync(write).PipeTo(Self);
            }
        });
        Receive<StreamWritten>(written =>
        {
            _written = written;
            _writer.Tell(written);
        });
        Receive<ResizeTerminal>(size =>
        {
            _size = size;
            Resize();
        });
        Receive<Resized>(resized =>
        {
            _isResizing = false;
            if (_size != resized.Size)
            {
                Resize();
            }
        });
        Receive<KeepStream>(_ => { });
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
        Receive<CloseStream>(_ => Context.Stop(Self));
    }

    private async Task<Opened> OpenAsync(IOpenStream open)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(OpenBound);
        try
        {
            IContainerStream stream = open switch
            {
                OpenExec exec => await _streams.ExecAsync(exec.PodUid, exec.Container, exec.Command, exec.HasInput, exec.IsTty, bound.Token).ConfigureAwait(false),
                OpenAttach attach => await _streams.AttachAsync(attach.PodUid, attach.Container, attach.HasInput, bound.Token).ConfigureAwait(false),
                OpenPort port => new TcpContainerStream(await _streams.ConnectAsync(port.PodUid, port.Port, bound.Token).ConfigureAwait(false)),
                OpenImageLoad => _streams.LoadImages(),
                _ => throw new NotSupportedException($"{open.GetType().Name} opens no stream"),
            };
            return new Opened(stream, null);
        }
        catch (OperationCanceledException)
        {
            return new Opened(null, $"no answer from the container runtime in {OpenBound.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new Opened(null, e.Message);
        }
    }

    private async Task ReadAheadAsync(IContainerStream stream)
    {
        try
        {
            while (true)
            {
                var buffer = new byte[16 * 1024];
                var (channel, count) = await stream.ReadAsync(buffer, _stopping.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                await _ahead.Writer.WriteAsync((channel, buffer.AsMemory(0, count)), _stopping.Token).ConfigureAwait(false);
            }

            _ahead.Writer.TryComplete();
        }
        catch (Exception e)
        {
            // The reader reports it to the client.
            _ahead.Writer.TryComplete(e);
        }
    }

    // Every failure is reported; otherwise the reader would wait in vain.
    private async Task<StreamPiece> NextAsync(long number)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(Patience);
        try
        {
            if (!await _ahead.Reader.WaitToReadAsync(patience.Token).ConfigureAwait(false))
            {
                return new StreamPiece(number, 1, [], new StreamEnd(await _stream!.ExitCodeAsync(patience.Token).ConfigureAwait(false), null));
            }

            using var bytes = new MemoryStream();
            var channel = _ahead.Reader.TryPeek(out var first) ? first.Channel : 1;
            while (_ahead.Reader.TryPeek(out var next) && next.Channel == channel && bytes.Length + next.Bytes.Length <= MaxPiece && _ahead.Reader.TryRead(out next))
            {
                bytes.Write(next.Bytes.Span);
            }

            return new StreamPiece(number, channel, bytes.ToArray(), null);
        }
        catch (OperationCanceledException)
        {
            return new StreamPiece(number, 1, [], _stopping.IsCancellationRequested ? new StreamEnd(null, "the node closed the stream") : null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new StreamPiece(number, 1, [], new StreamEnd(null, e.Message));
        }
    }

    private async Task<StreamWritten> WriteAsync(WriteStream write)
    {
        try
        {
            if (write.Bytes.Length > 0)
            {
                await _stream!.WriteAsync(write.Bytes, _stopping.Token).ConfigureAwait(false);
            }

            if (write.IsEnd)
            {
                await _stream!.EndInputAsync(_stopping.Token).ConfigureAwait(false);
            }

            return new StreamWritten(write.Number, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new StreamWritten(write.Number, e.Message);
        }
    }

    // One at a time, however many the client sends: the newest one wins.
    private void Resize()
    {
        if (!_isResizing && _size is { } size)
        {
            _isResizing = true;
            ResizeAsync(size).PipeTo(Self);
        }
    }

    // A command that has just begun has no terminal yet, and the first size comes at once.
    private async Task<Resized> ResizeAsync(ResizeTerminal size)
    {
        for (var i = 0; i < ResizeTries && !_stopping.IsCancellationRequested; i++)
        {
            try
            {
                await _stream!.ResizeAsync(size.Width, size.Height, _stopping.Token).ConfigureAwait(false);
                break;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                await Task.WhenAny(Task.Delay(ResizePause, _stopping.Token)).ConfigureAwait(false);
            }
        }

        return new Resized(size);
    }

    private sealed record Resized(ResizeTerminal Size);

    private sealed record Opened(IContainerStream? Stream, string? Why);
}
