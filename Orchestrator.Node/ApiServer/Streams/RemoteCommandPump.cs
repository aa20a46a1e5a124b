using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>Connects a client with a command: output, input and terminal sizes, each at its own pace.</summary>
internal static class RemoteCommandPump
{
    /// <summary>Runs until the command ends or the client goes.</summary>
    public static async Task RunAsync(IRemoteCommand client, NodeStream node, bool hasInput, bool isTty, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task> others = [];
        if (hasInput)
        {
            others.Add(InputAsync(client, node, over.Token));
        }

        if (isTty)
        {
            others.Add(SizesAsync(client, node, over.Token));
        }

        try
        {
            var piece = await node.ReadAsync(over.Token).ConfigureAwait(false);
            for (; piece.End is null; piece = await node.ReadAsync(over.Token).ConfigureAwait(false))
            {
                await client.WriteAsync(piece.Channel, piece.Bytes, over.Token).ConfigureAwait(false);
            }

            await client.EndAsync(Status(piece.End), over.Token).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(others).ConfigureAwait(false);
        }
    }

    /// <summary>The Status that tells a client how a command ended (Kubernetes: <c>NonZeroExitCode</c>).</summary>
    public static JsonObject Status(StreamEnd end)
    {
        if (end is { Error: null, ExitCode: null or 0 })
        {
            return new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" };
        }

        if (end.Error is { } error)
        {
            return new JsonObject
            {
                ["metadata"] = new JsonObject(),
                ["status"] = "Failure",
                ["message"] = error,
                ["reason"] = "InternalError",
                ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = error }) },
                ["code"] = 500,
            };
        }

        var code = end.ExitCode!.Value.ToString(CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"command terminated with non-zero exit code: exit code {code}",
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code }) },
        };
    }

    private static async Task InputAsync(IRemoteCommand client, NodeStream node, CancellationToken cancellation)
    {
        try
        {
            while (await client.ReadInputAsync(cancellation).ConfigureAwait(false) is { IsEmpty: false } bytes)
            {
                if (await node.WriteAsync(bytes, cancellation).ConfigureAwait(false) is not null)
                {
                    return; // The command reads no more; it tells how it ended.
                }
            }

            await node.WriteAsync(default, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOver(e))
        {
        }
    }

    private static async Task SizesAsync(IRemoteCommand client, NodeStream node, CancellationToken cancellation)
    {
        try
        {
            while (await client.ReadSizeAsync(cancellation).ConfigureAwait(false) is var (width, height))
            {
                node.Resize(width, height);
            }
        }
        catch (Exception e) when (IsOver(e))
        {
        }
    }

    // The client has gone, which the reading of output notices too.
    private static bool IsOver(Exception e) => e is OperationCanceledException or IOException or System.Net.WebSockets.WebSocketException or ObjectDisposedException;
}
