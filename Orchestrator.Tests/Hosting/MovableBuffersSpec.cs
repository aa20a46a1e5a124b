using Orchestrator.Node.Hosting;

namespace Orchestrator.Tests.Hosting;

public sealed class MovableBuffersSpec
{
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    public void A_buffer_has_4_KB_whatever_is_asked_for(int asked)
    {
        using var buffers = new MovableBuffers();
        using var rented = buffers.Rent(asked);
        Assert.Equal(4096, rented.Memory.Length);
    }

    [Fact]
    public void More_than_that_is_refused()
    {
        using var buffers = new MovableBuffers();
        Assert.Throws<ArgumentOutOfRangeException>(() => buffers.Rent(buffers.MaxBufferSize + 1));
    }

    [Fact]
    public void The_server_that_ends_one_pool_ends_no_other()
    {
        using var buffers = new MovableBuffers();
        buffers.Create(null).Dispose();
        using var rented = buffers.Create(null).Rent();
        Assert.Equal(4096, rented.Memory.Length);
    }
}
