namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>A connection to a port of a pod as a stream of the class library.</summary>
internal sealed class PortStream(NodeStream node) : Stream
{
    private ReadOnlyMemory<byte> _left;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left.IsEmpty && !_hasEnded && buffer.Length > 0)
        {
            var piece = await node.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (piece.End?.Error is { } error)
            {
                throw new IOException(error);
            }

            (_left, _hasEnded) = (piece.Bytes, piece.End is not null);
        }

        var count = Math.Min(_left.Length, buffer.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Writing nothing would end the input.
        if (buffer.Length > 0 && await node.WriteAsync(buffer, cancellationToken).ConfigureAwait(false) is { } error)
        {
            throw new IOException(error);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await node.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Sends a message and waits for nothing.
            _ = node.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }
}
