using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Streams.Spdy;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>The forwarded connections of one client. For each it opens two streams with the same request id: one for data, one on which it is told what went wrong.</summary>
internal sealed class PortForwards(ApiServices services, PodTarget target, SpdyConnection client)
{
    private const int MaxHalves = 256;
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Forwards until the client goes.</summary>
    public async Task RunAsync()
    {
        var halves = new Dictionary<string, SpdyStream>();
        await foreach (var stream in client.Opened.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            var id = stream.Header("requestid");
            if (stream.Header("streamtype") == "error")
            {
                stream.Abandon();
            }

            if (halves.Remove(id, out var other))
            {
                var (data, error) = stream.Header("streamtype") == "data" ? (stream, other) : (other, stream);
                var task = ForwardAsync(data, error);
                _running[task] = true;
                _ = task.ContinueWith(t => _running.TryRemove(t, out _), TaskScheduler.Default);
            }
            else if (halves.Count < MaxHalves)
            {
                halves[id] = stream;
            }
            else
            {
                return; // It opens streams and no connections.
            }
        }

        await Task.WhenAll(_running.Keys).ConfigureAwait(false);
    }

    private async Task ForwardAsync(SpdyStream data, SpdyStream error)
    {
        try
        {
            var why = int.TryParse(data.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
                ? await ForwardAsync(data, port).ConfigureAwait(false)
                : $"\"{data.Header("port")}\" is no port";
            if (why is not null)
            {
                await error.WriteAsync(Encoding.UTF8.GetBytes(why), client.Gone).ConfigureAwait(false);
            }

            await error.EndAsync(client.Gone).ConfigureAwait(false);
            await data.EndAsync(client.Gone).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The client has gone.
        }
        finally
        {
            client.Forget(data);
            client.Forget(error);
        }
    }

    // Returns what went wrong; null if nothing did.
    private async Task<string?> ForwardAsync(SpdyStream data, int port)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(client.Gone, data.WasReset);
        try
        {
            var node = await NodeStream.OpenAsync(services, target.Node, new OpenPort(target.Pod.Uid, port), over.Token).ConfigureAwait(false);
            await using (node.ConfigureAwait(false))
            {
                var upstream = UpAsync(data, node, over.Token);
                var piece = await node.ReadAsync(over.Token).ConfigureAwait(false);
                for (; piece.End is null; piece = await node.ReadAsync(over.Token).ConfigureAwait(false))
                {
                    await data.WriteAsync(piece.Bytes, over.Token).ConfigureAwait(false);
                }

                data.Abandon();
                await upstream.ConfigureAwait(false);
                return piece.End.Error;
            }
        }
        catch (OperationCanceledException) when (data.WasReset.IsCancellationRequested && !client.Gone.IsCancellationRequested)
        {
            return null; // The client gave this connection up.
        }
        catch (ApiException e)
        {
            return $"error forwarding port {port} to pod {target.Pod.Name}: {e.Error.Message}";
        }
    }

    private static async Task UpAsync(SpdyStream data, NodeStream node, CancellationToken cancellation)
    {
        while (await data.ReadAsync(cancellation).ConfigureAwait(false) is { IsEmpty: false } bytes)
        {
            if (await node.WriteAsync(bytes, cancellation).ConfigureAwait(false) is not null)
            {
                return; // The other side reads no more, and tells why.
            }
        }

        await node.WriteAsync(default, cancellation).ConfigureAwait(false);
    }
}
