using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Actors.Feed;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>GET of a collection: whole, or in pieces that all show the same revision.</summary>
internal sealed class ListHandler(ApiServices services)
{
    private readonly UnfinishedLists _unfinished = new(services.Time);

    public async Task HandleAsync(HttpContext http, ResourcePath path)
    {
        var isMatch = Selection.Of(http, path);
        var (limit, token) = (Queries.Limit(http), http.Request.Query["continue"].ToString() is { Length: > 0 } text ? ContinueToken.Parse(text) : null);
        ReadVersion.CheckList(http, token is not null);
        var snapshot = await SnapshotAsync(http, path, token).ConfigureAwait(false);
        var items = snapshot.Objects.In(path.Namespace).Where(o => token is null || token.Precedes(o)).Where(isMatch).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = snapshot.Revision.ToString() };
        if (items.Count > limit)
        {
            // The rest of an inconsistent list stays one.
            var revision = token is { Revision: null } ? (long?)null : snapshot.Revision;
            metadata["continue"] = ContinueToken.After(items[limit.Value - 1], revision).ToString();
            if (!Selection.HasSelectors(http))
            {
                metadata["remainingItemCount"] = items.Count - limit.Value;
            }

            if (revision is not null)
            {
                _unfinished.Keep(path.Kind, snapshot);
            }

            items.RemoveRange(limit.Value, items.Count - limit.Value);
        }

        if (TableOptions.Of(http) is { } options)
        {
            var table = TableBuilder.Build(path.Served, items.Select(path.Served.Show), options.Rows, services.Time.GetUtcNow(), snapshot.Revision.ToString());
            table["metadata"] = metadata;
            await StatusErrors.WriteJsonAsync(http, 200, table).ConfigureAwait(false);
            return;
        }

        await ObjectAnswer.WriteListAsync(http, path.Served, metadata, items).ConfigureAwait(false);
    }

    private async Task<KindSnapshot> SnapshotAsync(HttpContext http, ResourcePath path, ContinueToken? token)
    {
        if (token is { Revision: { } revision })
        {
            // After a restart, and on another host, the snapshot is computed again.
            await ReadVersion.ReachAsync(http, services.Cache, path.Kind, revision).ConfigureAwait(false);
            return _unfinished.Find(path.Kind, revision) ?? services.Cache.SnapshotAt(path.Kind, revision) ?? throw new ApiException(ApiReason.Expired,
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
                + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
                + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
            { Continue = (token with { Revision = null }).ToString() };
        }

        if (ComputedKinds.SnapshotAsync(services, path, http.RequestAborted) is { } computed)
        {
            return await computed.ConfigureAwait(false);
        }

        await ReadVersion.ReachAsync(http, services.Cache, path.Kind).ConfigureAwait(false);
        var snapshot = await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false);
        return ReadVersion.Exactly(http) is not { } exact || exact == snapshot.Revision ? snapshot
            : services.Cache.SnapshotAt(path.Kind, exact)
                ?? throw new ApiException(ApiReason.Expired, $"The resourceVersion for the provided list is too old: {exact}, current: {snapshot.Revision}");
    }
}
