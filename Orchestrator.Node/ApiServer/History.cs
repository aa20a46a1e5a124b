using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.ApiServer;

/// <summary>The history API: the events of one object from the journal, also of one that is gone.</summary>
internal static class History
{
    public static Task HandleAsync(HttpContext http, JournalTable journal, string route)
    {
        if (route.Split('/', StringSplitOptions.RemoveEmptyEntries) is not [_, _, _, var group, var plural, var ns, var name]
            || Kinds.ByResource(group == "core" ? "" : group, plural) is not { } kind)
        {
            throw new ApiException(ApiReason.NotFound, "the path is /apis/history.orchestrator.io/v1/{group or core}/{resource}/{namespace or -}/{name}");
        }

        var key = kind.Key(ns, name);
        var events = journal.ReadObject(key.PersistenceId);
        if (events.Count == 0)
        {
            throw new ApiException(ApiError.NotFound(key));
        }

        return StatusErrors.WriteJsonAsync(http, 200, new JsonObject
        {
            ["kind"] = "HistoryList",
            ["apiVersion"] = "history.orchestrator.io/v1",
            ["items"] = new JsonArray([.. events.Select(c => (JsonNode)Item(kind, c.Event))]),
        });
    }

    // A Secret's values are never shown, whoever asks.
    private static JsonObject Item(KindInfo kind, ObjectEvent e)
    {
        var change = e.Delta?.DeepClone() as JsonObject;
        if (kind == Kinds.Secret)
        {
            change?.Remove("data");
        }

        return new JsonObject
        {
            ["time"] = e.At.UtcDateTime.ToString("O"),
            ["revision"] = e.Revision,
            ["event"] = e.Manifest,
            ["by"] = e.By,
            ["cause"] = e.Cause,
            ["change"] = change,
            ["details"] = e.Details?.DeepClone(),
        };
    }
}
