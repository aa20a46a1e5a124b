using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Node.ApiServer;

/// <summary>get, list and watch.</summary>
internal sealed class ReadHandlers(ApiServices services)
{
    private const int SendAfter = 64 * 1024;

    public async Task GetAsync(HttpContext http, ResourcePath path, string user)
    {
        // Kubernetes Events are projections: only the cache has those that no client posted.
        var found = path.Kind == Kinds.Event
            ? (await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false)).Find(path.Namespace!, path.Name!)
            : (await services.Store.SendAsync(new GetObject(path.Kind.Key(path.Namespace, path.Name!), user), http.RequestAborted).ConfigureAwait(false)).Object;
        if (found is null)
        {
            throw new ApiException(ApiError.NotFound(path.Kind.Key(path.Namespace, path.Name!)));
        }

        await WriteAsync(http, path.Kind, found).ConfigureAwait(false);
    }

    public async Task WriteAsync(HttpContext http, KindInfo kind, KubeObject item, int code = 200)
    {
        if (IsTable(http))
        {
            await StatusErrors.WriteJsonAsync(http, code, TableBuilder.Build(kind, [item], services.Time.GetUtcNow(), item.Revision.ToString())).ConfigureAwait(false);
            return;
        }

        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(item.Json, http.RequestAborted).ConfigureAwait(false);
    }

    public async Task ListAsync(HttpContext http, ResourcePath path)
    {
        var isMatch = Filter(http, path);
        Queries.ResourceVersion(http);
        var snapshot = await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false);
        var after = http.Request.Query["continue"].ToString() is { Length: > 0 } token ? Continue(token) : null;
        var items = snapshot.Objects.Where(p => after is null || string.CompareOrdinal(p.Key, after) > 0).Where(p => isMatch(p.Value));
        var metadata = new JsonObject { ["resourceVersion"] = snapshot.Revision.ToString() };
        List<KeyValuePair<string, KubeObject>> page;
        if (Queries.Limit(http) is { } limit)
        {
            page = [.. items.Take(limit + 1)];
            if (page.Count > limit)
            {
                page.RemoveAt(limit);
                metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(page[^1].Key));
            }
        }
        else
        {
            page = [.. items];
        }

        if (IsTable(http))
        {
            var table = TableBuilder.Build(path.Kind, page.Select(p => p.Value), services.Time.GetUtcNow(), snapshot.Revision.ToString());
            table["metadata"] = metadata;
            await StatusErrors.WriteJsonAsync(http, 200, table).ConfigureAwait(false);
            return;
        }

        await WriteListAsync(http, path.Kind, metadata, [.. page.Select(p => p.Value)]).ConfigureAwait(false);
    }

    /// <summary>Answers with a list of objects, sent in pieces.</summary>
    public static async Task WriteListAsync(HttpContext http, KindInfo kind, JsonObject metadata, IReadOnlyList<KubeObject> items)
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

            var json = items[i].Json;
            body.Write(json.Span);
            if ((unsent += json.Length) > SendAfter)
            {
                unsent = 0;
                await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
        }

        body.Write("]}"u8);
        await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    public async Task WatchAsync(HttpContext http, ResourcePath path)
    {
        var isMatch = Filter(http, path);
        var isTable = IsTable(http);
        var query = http.Request.Query;
        var start = Queries.ResourceVersion(http) ?? 0;
        var hasStart = start > 0;
        var initial = hasStart ? null : await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false);
        using var watch = services.Cache.Watch(path.Kind, initial?.Revision ?? start);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        bound.CancelAfter(TimeSpan.FromSeconds(Queries.Whole(http, "timeoutSeconds") is > 0 and var seconds ? Math.Min(seconds, 86_400) : 3600));
        http.Response.ContentType = "application/json";
        if (watch is null)
        {
            await LineAsync(http, "ERROR", StatusErrors.ToStatus(new ApiError(ApiReason.Expired, $"too old resource version: {start}; list again and watch from there")), bound.Token).ConfigureAwait(false);
            return;
        }

        var isFirst = true;
        try
        {
            foreach (var item in (initial?.Objects.Values ?? []).Where(isMatch))
            {
                isFirst = await ItemAsync(http, path.Kind, "ADDED", item, isTable, isFirst, bound.Token).ConfigureAwait(false);
            }

            if (query["sendInitialEvents"] == "true" && initial is not null)
            {
                await LineAsync(http, "BOOKMARK", new JsonObject
                {
                    ["kind"] = path.Kind.Kind,
                    ["apiVersion"] = path.Kind.ApiVersion,
                    ["metadata"] = new JsonObject
                    {
                        ["resourceVersion"] = initial.Revision.ToString(),
                        ["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" },
                    },
                }, bound.Token).ConfigureAwait(false);
            }

            await http.Response.Body.FlushAsync(bound.Token).ConfigureAwait(false);
            await foreach (var batch in watch.Changes.ReadAllAsync(bound.Token).ConfigureAwait(false))
            {
                foreach (var change in batch)
                {
                    var was = change.Previous is { } p && isMatch(p);
                    var now = change.Type != "DELETED" && isMatch(change.Object);
                    var type = (was, now) switch { (false, true) => "ADDED", (true, true) => "MODIFIED", (true, false) => "DELETED", _ => null };
                    if (type is not null)
                    {
                        isFirst = await ItemAsync(http, path.Kind, type, change.Object, isTable, isFirst, bound.Token).ConfigureAwait(false);
                    }
                }

                await http.Response.Body.FlushAsync(bound.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            // The watch's time is over, or the client left: both end it without error.
        }
    }

    private static bool IsTable(HttpContext http) => http.Request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);

    private static async Task LineAsync(HttpContext http, string type, JsonNode body, CancellationToken cancellation)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["type"] = type, ["object"] = body });
        await http.Response.Body.WriteAsync(line, cancellation).ConfigureAwait(false);
        await http.Response.Body.WriteAsync("\n"u8.ToArray(), cancellation).ConfigureAwait(false);
    }

    private static string Continue(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw new ApiException(ApiReason.BadRequest, "continue key is not valid: send the one of the last page, or none");
        }
    }

    /// <summary>What the path and the selectors of the query choose.</summary>
    internal static Func<KubeObject, bool> Filter(HttpContext http, ResourcePath path)
    {
        var (labels, labelError) = LabelSelector.Parse(http.Request.Query["labelSelector"].ToString());
        var (fields, fieldError) = FieldSelector.Parse(http.Request.Query["fieldSelector"].ToString());
        if ((labelError ?? fieldError) is { } error)
        {
            throw new ApiException(ApiReason.BadRequest, error);
        }

        Queries.CheckLabels(labels!);
        Queries.CheckFields(http, path.Kind);
        return o => (path.Namespace is null || o.Namespace == path.Namespace)
            && (path.Name is null || o.Name == path.Name)
            && labels!.Matches(o.Labels) && fields!.Matches(o);
    }

    // The object's bytes are copied, not made again; the caller flushes the batch. Answers whether the next table is the first.
    private async Task<bool> ItemAsync(HttpContext http, KindInfo kind, string type, KubeObject item, bool isTable, bool isFirst, CancellationToken cancellation)
    {
        if (isTable)
        {
            await LineAsync(http, type, TableBuilder.Build(kind, [item], services.Time.GetUtcNow(), item.Revision.ToString(), isFirst), cancellation).ConfigureAwait(false);
            return false;
        }

        var body = http.Response.BodyWriter;
        body.Write("{\"type\":\""u8);
        body.Write(Encoding.ASCII.GetBytes(type));
        body.Write("\",\"object\":"u8);
        body.Write(item.Json.Span);
        body.Write("}\n"u8);
        if (body.CanGetUnflushedBytes && body.UnflushedBytes > SendAfter)
        {
            await body.FlushAsync(cancellation).ConfigureAwait(false);
        }

        return isFirst;
    }
}
