using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>The history of objects of <c>metrics.k8s.io</c>: what a pod or node used in the last hours, in columns that a chart takes as they are.</summary>
internal static class UsageHistoryDocument
{
    /// <summary>The document; every column has a value for each of the times.</summary>
    /// <param name="http">The request, with the bounds <c>from</c>, <c>to</c> and <c>step</c>.</param>
    /// <param name="key">Names the pod or node.</param>
    /// <param name="points">What is known of it.</param>
    /// <param name="now">The current time.</param>
    public static JsonObject Create(HttpContext http, ObjectKey key, IEnumerable<UsagePoint> points, DateTimeOffset now)
    {
        var query = http.Request.Query;
        var (range, errors) = UsageRange.Read(query["from"], query["to"], query["step"], now);
        if (range is null)
        {
            throw new ApiException(new ApiError(ApiReason.BadRequest, string.Join("; ", errors.Select(e => $"{e.Field}: {e.Message}")), errors));
        }

        var series = UsageSeries.Of(points, range);
        return new JsonObject
        {
            ["kind"] = "UsageHistory",
            ["apiVersion"] = "history.orchestrator.io/v1",
            ["metadata"] = key.Namespace.Length > 0 ? new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace } : new JsonObject { ["name"] = key.Name },
            ["stepSeconds"] = range.Step,
            ["units"] = new JsonObject { ["time"] = "seconds since 1970", ["cpu"] = "cores", ["memory"] = "bytes" },
            ["time"] = new JsonArray([.. series.Times.Select(t => JsonValue.Create(t))]),
            ["cpu"] = new JsonArray([.. series.Cpu.Select(c => JsonValue.Create(c))]),
            ["memory"] = new JsonArray([.. series.Memory.Select(m => JsonValue.Create(m))]),
        };
    }
}
