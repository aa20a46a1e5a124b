using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Computes the conditions of an unreachable node.</summary>
internal static class NodeConditions
{
    /// <summary>Returns the command that marks a node as lost; null if it is marked already.</summary>
    public static MergeObject? Lost(KubeObject node, UserInfo by, DateTimeOffset now) => Lost(node.ToNode(), now) is not { } conditions ? null
        : new MergeObject(node.Key, node.Uid, new JsonObject { ["status"] = new JsonObject { ["conditions"] = conditions } }, "lost", by, node.Revision,
            RecordedEvents: [new RecordedEvent("Normal", "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady", "node-controller")]);

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
