using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Orchestrator.Node.Hosting;

/// <summary>Gives the web server buffers that the collector may move and let go of. Those of the server's own pool are pinned for ever: after a burst they lie
/// scattered over memory that can then neither be compacted nor returned.</summary>
internal sealed class MovableBuffers : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int Size = 4096;

    /// <inheritdoc/>
    public override int MaxBufferSize => Size;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options) => this;

    /// <summary>Returns a buffer of 4 KB, whatever is asked for: the server asks for none to mean any.</summary>
    /// <param name="minBufferSize">Bytes; -1 for any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is more than <see cref="MaxBufferSize"/>.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, Size);
        return Shared.Rent(Size);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
