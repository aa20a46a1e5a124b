using System.Net.Sockets;

namespace Orchestrator.Node.Agent.Streams;

/// <summary>Opens streams to the pods of a host, like the CRI's Exec, Attach and PortForward.</summary>
internal interface IContainerStreams
{
    /// <summary>Starts a command in a container.</summary>
    /// <param name="podUid">Uid of the pod.</param>
    /// <param name="container">Name of the container.</param>
    /// <param name="command">Command and arguments.</param>
    /// <param name="hasInput">Whether it reads input.</param>
    /// <param name="isTty">Whether it gets a terminal.</param>
    /// <param name="cancellation">Cancels the call; the stream lives on.</param>
    /// <exception cref="ContainerRefusedException">The container does not run, or the runtime refuses the command.</exception>
    Task<IContainerStream> ExecAsync(string podUid, string container, IReadOnlyList<string> command, bool hasInput, bool isTty, CancellationToken cancellation);

    /// <summary>Joins the process of a container.</summary>
    /// <exception cref="ContainerRefusedException">The container does not run.</exception>
    Task<IContainerStream> AttachAsync(string podUid, string container, bool hasInput, CancellationToken cancellation);

    /// <summary>Connects to a port as a process of the pod would: at <c>localhost</c>.</summary>
    /// <exception cref="ContainerRefusedException">The pod does not run, or nothing listens.</exception>
    Task<Socket> ConnectAsync(string podUid, int port, CancellationToken cancellation);

    /// <summary>Loads images of an archive, which is written to the stream; what the runtime says of it is read.</summary>
    IContainerStream LoadImages();
}

/// <summary>An open stream. One reader and one writer at a time; disposing it ends what it runs.</summary>
internal interface IContainerStream : IAsyncDisposable
{
    /// <summary>Reads what comes next.</summary>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="cancellation">Cancels the call; the stream is of no use after that.</param>
    /// <returns>The channel (1: output, 2: errors) and the number of bytes; 0 bytes at the end.</returns>
    ValueTask<(int Channel, int Count)> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Writes input.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Says that no input follows.</summary>
    ValueTask EndInputAsync(CancellationToken cancellation);

    /// <summary>Sets the size of the terminal in characters.</summary>
    Task ResizeAsync(int width, int height, CancellationToken cancellation);

    /// <summary>The exit code, after the end; null if there is none.</summary>
    Task<int?> ExitCodeAsync(CancellationToken cancellation);
}
