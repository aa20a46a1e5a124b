using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>POST nodes/NAME/images</c>: loads the images of an archive, the body, into the container engine of a node. The archive is passed on as it comes and kept nowhere.</summary>
internal sealed class ImageLoadHandler(ApiServices services)
{
    private const int Piece = 256 * 1024;

    // A client that is still sending when the answer comes sees a broken connection and not the answer.
    private static readonly TimeSpan DiscardBound = TimeSpan.FromMinutes(5);

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // A node that unpacks a layer reads nothing meanwhile.
        }

        if (services.Cache.Find(NodeDefinition.Instance.Key(null, request.Path.Name!)) is null)
        {
            throw new ApiException(ApiError.NotFound(NodeDefinition.Instance.Key(null, request.Path.Name!)));
        }

        var stream = await NodeStream.OpenAsync(services, request.Path.Name!, new OpenImageLoad(), http.RequestAborted).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var said = SaidAsync(stream, http.RequestAborted);
            await PassOnAsync(http.Request.Body, bytes => stream.WriteAsync(bytes, http.RequestAborted), http.RequestAborted).ConfigureAwait(false);
            var (lines, end) = await said.ConfigureAwait(false);
            if (end.Error is { } error)
            {
                throw new ApiException(ApiReason.BadRequest, $"node {request.Path.Name} did not load the images: {error}");
            }

            await StatusErrors.WriteJsonAsync(http, StatusCodes.Status201Created, new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["message"] = lines.Trim(),
                ["code"] = StatusCodes.Status201Created,
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Passes a body on to its end, also if its rest is not wanted: what cannot be written is told by what is read from the stream.</summary>
    /// <param name="body">The body.</param>
    /// <param name="write">Writes a piece, and nothing for the end; returns why nothing more can be written, null if it can.</param>
    /// <param name="cancellation">Cancelled when the client is gone.</param>
    internal static async Task PassOnAsync(Stream body, Func<ReadOnlyMemory<byte>, Task<string?>> write, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            {
                if (await write(buffer.AsMemory(0, read)).ConfigureAwait(false) is not null)
                {
                    await DiscardAsync(body, buffer, cancellation).ConfigureAwait(false);
                    return;
                }
            }

            await write(ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task DiscardAsync(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(DiscardBound);
        try
        {
            while (await body.ReadAsync(buffer, bound.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The rest is too long to wait for.
        }
    }

    private static async Task<(string Lines, StreamEnd End)> SaidAsync(NodeStream stream, CancellationToken cancellation)
    {
        const int most = 64 * 1024;
        var lines = new StringBuilder();
        while (true)
        {
            var piece = await stream.ReadAsync(cancellation).ConfigureAwait(false);
            if (lines.Length < most)
            {
                lines.Append(Encoding.UTF8.GetString(piece.Bytes));
            }

            if (piece.End is { } end)
            {
                return (lines.ToString(), end);
            }
        }
    }
}
