using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Workloads;

/// <summary>Where something is reached from the outside, as its <c>status.loadBalancer</c> says it. Pure.</summary>
internal static class BalancerStatus
{
    /// <summary>The patch that gives an object its addresses; null if it has them.</summary>
    /// <param name="self">The object.</param>
    /// <param name="addresses">Its addresses.</param>
    /// <param name="mode">How packets come there (<c>ipMode</c>); null to leave it open.</param>
    public static JsonObject? Patch(KubeObject self, IReadOnlyList<string> addresses, string? mode = null)
    {
        var before = self.ToNode()["status"]?["loadBalancer"]?["ingress"];
        JsonArray? after = addresses.Count == 0 ? null : [.. addresses.Select(a => Entry(a, mode))];
        return JsonNode.DeepEquals(before is JsonArray { Count: 0 } ? null : before, after) ? null : new JsonObject { ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = after } } };
    }

    private static JsonObject Entry(string address, string? mode) => mode is null ? new JsonObject { ["ip"] = address } : new JsonObject { ["ip"] = address, ["ipMode"] = mode };
}
