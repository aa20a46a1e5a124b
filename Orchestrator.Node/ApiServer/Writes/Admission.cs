using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>What a client writes goes the way of every object; a refusal ends the request, warnings go along with the answer.</summary>
internal static class Admission
{
    /// <summary>A new object.</summary>
    public static async Task CreateAsync(HttpContext http, ResourceDefinition kind, JsonObject o, IObjectCache cache, FieldReport report)
    {
        // Of what the client said, not of what defaults and admission add.
        var warnings = Admitter.Warnings(kind, o).ToList();
        var refusal = Admitter.Create(kind, o, cache);
        if (refusal is { Reason: ApiReason.Forbidden })
        {
            // What admission did not find may have been created a moment ago.
            await cache.SnapshotAsync(kind, http.RequestAborted).ConfigureAwait(false);
            refusal = Admitter.Create(kind, o, cache);
        }

        Settle(kind, o, refusal, warnings, report);
    }

    /// <summary>An object in place of another, or its status, of which nothing else is taken: its types were checked, and its writer is trusted with the rest.</summary>
    public static void Update(ResourceDefinition kind, JsonObject o, KubeObject current, string subresource, IObjectCache cache, FieldReport report)
    {
        if (subresource != "status")
        {
            var warnings = Admitter.Warnings(kind, o).ToList();
            Settle(kind, o, Admitter.Update(kind, o, current, cache), warnings, report);
        }
    }

    private static void Settle(ResourceDefinition kind, JsonObject o, ApiError? refusal, IReadOnlyList<string> warnings, FieldReport report)
    {
        if (refusal is not null)
        {
            throw Refused(kind, (string?)o["metadata"]?["name"], refusal);
        }

        report.Warn(warnings);
    }

    private static ApiException Refused(ResourceDefinition kind, string? name, ApiError error) =>
        new(error) { Subject = new(kind.Group, error.Reason == ApiReason.Invalid ? kind.Kind : kind.Plural, name) };
}
