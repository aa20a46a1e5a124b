using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
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

    /// <summary>An object in place of another, or its status, of which nothing else is taken.</summary>
    public static void Update(ResourceDefinition kind, JsonObject o, KubeObject current, string subresource, IObjectCache cache, FieldReport report)
    {
        if (subresource == "status")
        {
            Settle(kind, o, Admitter.UpdateStatus(kind, o), [], report);
        }
        else
        {
            var warnings = Admitter.Warnings(kind, o).ToList();
            Take(kind, o, current, subresource);
            Settle(kind, o, Admitter.Update(kind, o, current, cache), warnings, report);
        }
    }

    // Of an object that is sent to a part of it only that part is taken, and by no other way.
    private static void Take(ResourceDefinition kind, JsonObject o, KubeObject current, string subresource)
    {
        if (kind.SpecParts.GetValueOrDefault(subresource) is { } part)
        {
            var sent = o["spec"] as JsonObject ?? [];
            o.Remove("spec");
            o.Clear();
            foreach (var (key, value) in current.ToNode())
            {
                o[key] = value?.DeepClone();
            }

            part.Take((JsonObject)o["spec"]!, sent);
            return;
        }

        if (kind.SpecParts.IsEmpty || Defaulted(kind, o)["spec"] is not JsonObject wanted || Defaulted(kind, current.ToNode())["spec"] is not JsonObject old)
        {
            return;
        }

        if (kind.SpecParts.FirstOrDefault(p => p.Value.Differs(old, wanted)) is { Key: { } only, Value: var changed })
        {
            var errors = new FieldErrors();
            errors.Forbidden(changed.Field, $"may only be changed by way of the subresource {only}");
            throw Refused(kind, current.Name, Admitter.Invalid(kind, current.Name, errors.All));
        }
    }

    // What a client leaves to defaults it does not change.
    private static JsonObject Defaulted(ResourceDefinition kind, JsonObject o)
    {
        var copy = (JsonObject)o.DeepClone();
        kind.Strategy.Default(copy);
        return copy;
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
