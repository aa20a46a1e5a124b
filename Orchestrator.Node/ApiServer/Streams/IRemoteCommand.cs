using System.Text.Json.Nodes;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>The client's side of exec and attach, whatever protocol it speaks.</summary>
internal interface IRemoteCommand : IAsyncDisposable
{
    /// <summary>Reads input of the client; empty at its end.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadInputAsync(CancellationToken cancellation);

    /// <summary>Reads the next size of the client's terminal in characters; null if there are no more.</summary>
    ValueTask<(int Width, int Height)?> ReadSizeAsync(CancellationToken cancellation);

    /// <summary>Writes output (channel 1) or errors (2).</summary>
    ValueTask WriteAsync(int channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Tells how the command ended.</summary>
    /// <param name="status">A Kubernetes Status.</param>
    /// <param name="cancellation">Cancels the call.</param>
    ValueTask EndAsync(JsonObject status, CancellationToken cancellation);
}
