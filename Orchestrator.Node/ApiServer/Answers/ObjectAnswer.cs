using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Answers;

/// <summary>Objects as the client wants them: as they are stored, or as the rows of a table.</summary>
internal static class ObjectAnswer
{
    /// <summary>Bytes that may wait in the response's buffer.</summary>
    public const int SendAfter = 64 * 1024;

    /// <summary>Answers with one object.</summary>
    /// <param name="http">The request.</param>
    /// <param name="served">The group and version that the client speaks.</param>
    /// <param name="stored">The object.</param>
    /// <param name="now">Ages are told for it.</param>
    /// <param name="code">Of success.</param>
    public static async Task WriteAsync(HttpContext http, ResourceDefinition served, KubeObject stored, DateTimeOffset now, int code = 200)
    {
        var item = served.Show(stored);
        if (TableOptions.Of(http) is { } table)
        {
            await StatusErrors.WriteJsonAsync(http, code, TableBuilder.Build(item.Kind, [item], table.Rows, now, item.Revision.ToString())).ConfigureAwait(false);
            return;
        }

        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(item.Json, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes bytes to the response. Those of a large object go in portions, each of which the client must have taken before the next one is copied, so that
    /// a slow client costs a portion and not the object.</summary>
    public static async ValueTask WriteAsync(PipeWriter body, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        while (json.Length > SendAfter)
        {
            body.Write(json.Span[..SendAfter]);
            await body.FlushAsync(cancellation).ConfigureAwait(false);
            json = json[SendAfter..];
        }

        body.Write(json.Span);
    }

    /// <summary>Answers with a list of objects, sent in pieces.</summary>
    public static async Task WriteListAsync(HttpContext http, ResourceDefinition kind, JsonObject metadata, IReadOnlyList<KubeObject> items)
    {
        http.Response.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        body.Write(Encoding.UTF8.GetBytes(
            $$"""{"kind":"{{kind.Kind}}List","apiVersion":"{{kind.ApiVersion}}","metadata":{{metadata.ToJsonString()}},"items":["""));
        var unsent = 0;
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                body.Write(","u8);
            }

            var json = kind.Show(items[i]).Json;
            await WriteAsync(body, json, http.RequestAborted).ConfigureAwait(false);
            if ((unsent += json.Length) > SendAfter)
            {
                unsent = 0;
                await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
        }

        body.Write("]}"u8);
        await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
