using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>The history API: the events of one object from the journal, also of one that is gone. Of metrics, which have no events, it is what was measured.</summary>
internal static class HistoryHandler
{
    /// <summary>Whether the path was one of the history's, and is answered.</summary>
    public static async Task<bool> HandleAsync(HttpContext http, ApiServices services, string route)
    {
        if (!route.StartsWith(HistoryPath.Root, StringComparison.Ordinal) || !HttpMethods.IsGet(http.Request.Method))
        {
            return false;
        }

        // Who may read in a namespace must not get with its name what is in none.
        if (HistoryPath.Parse(route) is not { } path || services.Cache.Registry.ByResource(path.Group, path.Plural) is not { } kind || kind.Namespaced != path.Namespace.Length > 0)
        {
            throw new ApiException(ApiReason.NotFound, $"the path is {HistoryPath.Root}{{group or core}}/{{resource}}/{{namespace or -}}/{{name}}");
        }

        var key = kind.Key(path.Namespace, path.Name);
        if (await ResourceMetrics.HistoryAsync(services, kind, key, http.RequestAborted).ConfigureAwait(false) is { } points)
        {
            var usage = UsageHistoryDocument.Create(http, key, points, services.Time.GetUtcNow());
            await StatusErrors.WriteJsonAsync(http, 200, points.Count > 0 ? usage : throw new ApiException(ResourceMetrics.NotFound(kind, key))).ConfigureAwait(false);
            return true;
        }

        var journal = services.Journal;
        var events = await Task.Run(() => journal.ReadObject(key.PersistenceId), http.RequestAborted).ConfigureAwait(false);
        var metadata = new JsonObject();
        if (events.Count == 0 || events[0].SequenceNr > 1)
        {
            var (since, isKnown) = await Task.Run(() => (journal.Retention().Since, journal.HighestSequenceNr(key.PersistenceId) > 0), http.RequestAborted).ConfigureAwait(false);
            if (!isKnown)
            {
                var missing = ApiError.NotFound(key);
                throw new ApiException(since is null ? missing : missing with { Message = $"{missing.Message}; history begins after {since:u}, earlier events are deleted" });
            }

            metadata["historyBegins"] = since?.UtcDateTime.ToString("O");
        }

        await StatusErrors.WriteJsonAsync(http, 200, new JsonObject
        {
            ["kind"] = "HistoryList",
            ["apiVersion"] = $"{HistoryPath.ApiGroup}/v1",
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. events.Select(c => (JsonNode)Item(kind, c.Event))]),
        }).ConfigureAwait(false);
        return true;
    }

    // A Secret's values are never shown, whoever asks.
    private static JsonObject Item(ResourceDefinition kind, ObjectEvent e)
    {
        var change = e.Delta?.DeepClone() as JsonObject;
        if (kind == SecretDefinition.Instance)
        {
            change?.Remove("data");
            change?.Remove("stringData");
            (change?["metadata"]?["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        }

        return new JsonObject
        {
            ["time"] = e.At.UtcDateTime.ToString("O"),
            ["revision"] = e.Revision,
            ["event"] = e.Manifest,
            ["by"] = e.By.Name,
            ["groups"] = e.By.Groups.IsEmpty ? null : new JsonArray([.. e.By.Groups.Select(g => JsonValue.Create(g))]),
            ["onBehalfOf"] = e.By.OnBehalfOf,
            ["cause"] = e.Cause,
            ["change"] = change,
            ["details"] = e.Details?.DeepClone(),
            ["notes"] = e.RecordedEvents.IsDefaultOrEmpty ? null : new JsonArray([.. e.RecordedEvents.Select(n => (JsonNode)new JsonObject
            {
                ["type"] = n.Type, ["reason"] = n.Reason, ["message"] = n.Message, ["component"] = n.Component,
            })]),
        };
    }
}
