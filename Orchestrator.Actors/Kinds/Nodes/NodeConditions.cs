using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Computes the conditions of an unreachable node.</summary>
internal static class NodeConditions
{
    /// <summary>Returns all conditions with the status Unknown; null if they have it already.</summary>
    public static JsonArray? Lost(JsonObject node, DateTimeOffset now)
    {
        var at = KubeTime.Text(now);
        var conditions = (node["status"]?["conditions"] as JsonArray)?.DeepClone() as JsonArray ?? [new JsonObject { ["type"] = "Ready" }];
        var isChanged = false;
        foreach (var condition in conditions.OfType<JsonObject>().Where(c => c["status"]?.GetValue<string>() != "Unknown"))
        {
            isChanged = true;
            condition["status"] = "Unknown";
            condition["reason"] = "NodeStatusUnknown";
            condition["message"] = "The node's agent stopped answering.";
            condition["lastTransitionTime"] = at;
        }

        return isChanged ? conditions : null;
    }
}
