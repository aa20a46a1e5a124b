using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Asks an agent to open a stream, mostly to a pod. The reply is <see cref="StreamOpened"/> or <see cref="StreamRefused"/>.</summary>
public interface IOpenStream : IWireMessage
{
    /// <summary>Uid of the pod.</summary>
    string PodUid { get; }
}

/// <summary>Runs a command in a container.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Container">Name of the container.</param>
/// <param name="Command">Command and arguments.</param>
/// <param name="HasInput">Whether it reads from the stream.</param>
/// <param name="IsTty">Whether it gets a terminal; its errors are part of its output then.</param>
public sealed record OpenExec(string PodUid, string Container, ImmutableArray<string> Command, bool HasInput, bool IsTty) : IOpenStream;

/// <summary>Joins the process of a container: its output from now on, and its input.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Container">Name of the container.</param>
/// <param name="HasInput">Whether to write to it.</param>
public sealed record OpenAttach(string PodUid, string Container, bool HasInput) : IOpenStream;

/// <summary>Connects to a TCP port in the network namespace of a pod.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Port">The port.</param>
public sealed record OpenPort(string PodUid, int Port) : IOpenStream;

/// <summary>Loads images into the engine of a node: the archive is written to the stream, what the engine says is read.</summary>
public sealed record OpenImageLoad : IOpenStream
{
    /// <summary>No pod's.</summary>
    public string PodUid => "";
}

/// <summary>The stream is open. It ends when <paramref name="Session"/> hears nothing for a minute.</summary>
public sealed record StreamOpened(IActorRef Session) : IWireMessage;

/// <summary>The stream could not be opened, and why.</summary>
public sealed record StreamRefused(string Why) : IWireMessage;

/// <summary>Asks a stream for its next piece. The reply comes when there is one.</summary>
/// <param name="Number">1 for the first. The same number again gets the same piece again.</param>
public sealed record ReadStream(long Number) : IWireMessage;

/// <summary>A piece of a stream.</summary>
/// <param name="Number">The number that was asked for.</param>
/// <param name="Channel">1: output, 2: errors.</param>
/// <param name="Bytes">At most 64 KiB; empty if nothing was written for a while (ask again).</param>
/// <param name="End">How the stream ended; null if it goes on.</param>
public sealed record StreamPiece(long Number, int Channel, byte[] Bytes, StreamEnd? End) : IWireMessage;

/// <summary>How a stream ended.</summary>
/// <param name="ExitCode">Exit code of the command; null if there is none.</param>
/// <param name="Error">What went wrong; null if nothing did.</param>
public sealed record StreamEnd(int? ExitCode, string? Error);

/// <summary>Writes to a stream. The reply is <see cref="StreamWritten"/>, once there is room for more.</summary>
/// <param name="Number">1 for the first. A number that was written is not written again.</param>
/// <param name="Bytes">At most 64 KiB.</param>
/// <param name="IsEnd">Whether nothing follows.</param>
public sealed record WriteStream(long Number, byte[] Bytes, bool IsEnd) : IWireMessage;

/// <summary>What was written, and why nothing more can be; null if it can.</summary>
public sealed record StreamWritten(long Number, string? Error) : IWireMessage;

/// <summary>Sets the size of a stream's terminal in characters.</summary>
public sealed record ResizeTerminal(int Width, int Height) : IWireMessage;

/// <summary>The stream is still wanted, although its client neither reads nor writes just now.</summary>
public sealed record KeepStream : IWireMessage;

/// <summary>Nobody reads the stream any more.</summary>
public sealed record CloseStream : IWireMessage;
