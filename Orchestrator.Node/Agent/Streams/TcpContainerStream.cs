using System.Net.Sockets;

namespace Orchestrator.Node.Agent.Streams;

/// <summary>A connection to a port of a pod.</summary>
internal sealed class TcpContainerStream(Socket socket) : IContainerStream
{
    public async ValueTask<(int Channel, int Count)> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        (1, await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false));

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        for (var left = bytes; left.Length > 0;)
        {
            left = left[await socket.SendAsync(left, cancellation).ConfigureAwait(false)..];
        }
    }

    public ValueTask EndInputAsync(CancellationToken cancellation)
    {
        socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public Task ResizeAsync(int width, int height, CancellationToken cancellation) => Task.CompletedTask;

    public Task<int?> ExitCodeAsync(CancellationToken cancellation) => Task.FromResult<int?>(null);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
