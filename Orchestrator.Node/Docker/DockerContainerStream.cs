using System.Buffers.Binary;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Node.Agent.Streams;

namespace Orchestrator.Node.Docker;

/// <summary>A stream that the engine opened.</summary>
/// <param name="connection">The connection.</param>
/// <param name="isTty">Whether it is a terminal: then output has no frames.</param>
internal abstract class DockerContainerStream(EngineConnection connection, bool isTty) : IContainerStream
{
    private readonly byte[] _head = new byte[8];
    private uint _left;

    public async ValueTask<(int Channel, int Count)> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (isTty)
        {
            return (1, await connection.ReadAsync(buffer, cancellation).ConfigureAwait(false));
        }

        // Each frame has a header: stream, three zeros, length.
        while (_left == 0)
        {
            if (await connection.FillAsync(_head, cancellation).ConfigureAwait(false) < _head.Length)
            {
                return (1, 0);
            }

            _left = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4));
        }

        var count = await connection.ReadAsync(buffer[..(int)Math.Min(_left, (uint)buffer.Length)], cancellation).ConfigureAwait(false);
        _left -= (uint)count;
        return (_head[0] == 2 ? 2 : 1, count);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => connection.WriteAsync(bytes, cancellation);

    public virtual ValueTask EndInputAsync(CancellationToken cancellation)
    {
        connection.EndWriting();
        return ValueTask.CompletedTask;
    }

    public abstract Task ResizeAsync(int width, int height, CancellationToken cancellation);

    public abstract Task<int?> ExitCodeAsync(CancellationToken cancellation);

    public virtual ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected static ContainerResizeParameters Size(int width, int height) => new() { Width = width, Height = height };
}

/// <summary>A command in a container.</summary>
internal sealed class DockerExecStream(DockerClient docker, EngineConnection connection, bool isTty, string exec, string container) : DockerContainerStream(connection, isTty)
{
    public override Task ResizeAsync(int width, int height, CancellationToken cancellation) =>
        EngineCalls.BoundAsync(token => docker.Exec.ResizeContainerExecTtyAsync(exec, Size(width, height), token), cancellation);

    public override async Task<int?> ExitCodeAsync(CancellationToken cancellation) => await ExecProcess.ExitCodeAsync(docker, exec, cancellation).ConfigureAwait(false);

    /// <summary>A command that still runs has lost its reader: it ends, as with the CRI's runtimes.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        try
        {
            await ExecProcess.EndAsync(docker, exec, container, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Agent.RuntimeUnavailableException)
        {
            // The engine is gone.
        }
    }
}

/// <summary>The process of a container itself.</summary>
internal sealed class DockerAttachStream(DockerClient docker, EngineConnection connection, Config config, string container) : DockerContainerStream(connection, config.Tty)
{
    // Without stdinOnce the process goes on waiting for the next client. The engine would take the end for that of the whole stream.
    public override ValueTask EndInputAsync(CancellationToken cancellation) => config.StdinOnce ? base.EndInputAsync(cancellation) : ValueTask.CompletedTask;

    public override Task ResizeAsync(int width, int height, CancellationToken cancellation) =>
        EngineCalls.BoundAsync(token => docker.Containers.ResizeContainerTtyAsync(container, Size(width, height), token), cancellation);

    // kubectl reads it from the status of the pod.
    public override Task<int?> ExitCodeAsync(CancellationToken cancellation) => Task.FromResult<int?>(null);
}
