using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Watches;

/// <summary>The lines of one watch's answer.</summary>
internal sealed class WatchStream(HttpContext http, ResourceDefinition kind, TimeProvider time, CancellationToken cancellation)
{
    private readonly TableOptions? _table = TableOptions.Of(http);
    private bool _hasColumns;

    /// <summary>The last change that was looked at.</summary>
    public long Seen { get; set; }

    /// <summary>One object. Its bytes are copied, not made again; the caller flushes the batch.</summary>
    public async Task SendAsync(string type, KubeObject stored)
    {
        var item = kind.Show(stored);
        if (_table is not null)
        {
            Line(type, TableBuilder.Build(kind, [item], _table.Rows, time.GetUtcNow(), item.Revision.ToString(), withColumns: !_hasColumns));
            _hasColumns = true;
        }
        else
        {
            var body = http.Response.BodyWriter;
            body.Write("{\"type\":\""u8);
            body.Write(Encoding.ASCII.GetBytes(type));
            body.Write("\",\"object\":"u8);
            await ObjectAnswer.WriteAsync(body, item.Json, cancellation).ConfigureAwait(false);
            body.Write("}\n"u8);
        }

        if (http.Response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: > ObjectAnswer.SendAfter })
        {
            await FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Tells the client the revision that it has seen everything of, and can resume from.</summary>
    /// <param name="revision">A revision up to which all was sent. If later changes were sent since it was asked for, theirs is told: a
    /// bookmark never goes back.</param>
    /// <param name="endsInitial">Whether it ends the objects that the watch begins with.</param>
    public async Task BookmarkAsync(long revision, bool endsInitial)
    {
        var version = Math.Max(revision, Seen).ToString(CultureInfo.InvariantCulture);
        var metadata = new JsonObject { ["resourceVersion"] = version };
        if (endsInitial)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var table = _table is null ? null : TableBuilder.Build(kind, [], _table.Rows, time.GetUtcNow(), version, withColumns: !_hasColumns);
        if (table is not null)
        {
            table["metadata"] = metadata;
            _hasColumns = true;
        }

        Line("BOOKMARK", table ?? new JsonObject { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = metadata });
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>The last line of a watch that cannot go on.</summary>
    public async Task ErrorAsync(ApiError error)
    {
        Line("ERROR", StatusErrors.ToStatus(error));
        await FlushAsync().ConfigureAwait(false);
    }

    public async Task FlushAsync() => await http.Response.BodyWriter.FlushAsync(cancellation).ConfigureAwait(false);

    private void Line(string type, JsonNode o)
    {
        var body = http.Response.BodyWriter;
        body.Write(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["type"] = type, ["object"] = o }));
        body.Write("\n"u8);
    }
}
