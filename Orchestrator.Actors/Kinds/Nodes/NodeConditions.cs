using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Computes the conditions of an unreachable node, and the taints that conditions become.</summary>
internal static class NodeConditions
{
    // Kubernetes, "Taints and Tolerations", taint nodes by condition.
    private static readonly (string Condition, string Taint)[] Taints =
    [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"), ("DiskPressure", "node.kubernetes.io/disk-pressure"), ("PIDPressure", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ];

    /// <summary>The taints for what a node lacks by its conditions.</summary>
    public static IEnumerable<string> Shortages(V1Node node) =>
        Taints.Where(t => node.Status?.Conditions?.Any(c => c.Type == t.Condition && c.Status == "True") == true).Select(t => t.Taint);

    /// <summary>Whether a taint is one of those.</summary>
    public static bool IsShortage(string taint) => Array.Exists(Taints, t => t.Taint == taint);

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
