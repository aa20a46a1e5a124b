using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Streams;

namespace Orchestrator.Node.Docker;

/// <summary>Loads the images of an archive into an engine: what is written is the archive, what is read are the lines that the engine says.</summary>
internal sealed class ImageLoadStream : IContainerStream
{
    private readonly Pipe _archive = new();
    private readonly Channel<byte[]> _said = Channel.CreateUnbounded<byte[]>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loading;
    private ReadOnlyMemory<byte> _left;
    private bool _hasEnded;

    public ImageLoadStream(DockerClient docker) => _loading = LoadAsync(docker);

    /// <inheritdoc/>
    public async ValueTask<(int Channel, int Count)> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_left.IsEmpty && await _said.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _said.Reader.TryRead(out var line))
        {
            _left = line;
        }

        var count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return (1, count);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if ((await _archive.Writer.WriteAsync(bytes, cancellation).ConfigureAwait(false)).IsCompleted)
        {
            // The engine reads no further: it tells why at the end.
            await _loading.ConfigureAwait(false);
            throw new IOException("the engine takes no more of the archive");
        }
    }

    /// <inheritdoc/>
    public async ValueTask EndInputAsync(CancellationToken cancellation)
    {
        _hasEnded = true;
        await _archive.Writer.CompleteAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task ResizeAsync(int width, int height, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<int?> ExitCodeAsync(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        return 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);

        // An archive that is not whole must not look like one that is.
        await _archive.Writer.CompleteAsync(_hasEnded ? null : new OperationCanceledException()).ConfigureAwait(false);
        try
        {
            await _loading.ConfigureAwait(false);
        }
        catch (Exception e) when (e is ContainerRefusedException or RuntimeUnavailableException or OperationCanceledException)
        {
            // Whoever reads was told.
        }

        _stopping.Dispose();
    }

    private async Task LoadAsync(DockerClient docker)
    {
        try
        {
            string? fault = null;
            await docker.Images.LoadImageAsync(new ImageLoadParameters { Quiet = true }, _archive.Reader.AsStream(), new Said(message =>
            {
                fault ??= message.Error?.Message ?? message.ErrorMessage;
                if (message.Stream is { Length: > 0 } text)
                {
                    _said.Writer.TryWrite(Encoding.UTF8.GetBytes(text));
                }
            }), _stopping.Token).ConfigureAwait(false);
            _said.Writer.TryComplete(fault is null ? null : new ContainerRefusedException("ImageLoadError", fault));
        }
        catch (Exception e)
        {
            // The reader reports it to the client.
            _said.Writer.TryComplete(e is DockerApiException refused ? new ContainerRefusedException("ImageLoadError", EngineCalls.Message(refused)) : e);
        }
        finally
        {
            await _archive.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    // In the order in which they come: the framework's own calls back on other threads.
    private sealed class Said(Action<JSONMessage> take) : IProgress<JSONMessage>
    {
        public void Report(JSONMessage value) => take(value);
    }
}
