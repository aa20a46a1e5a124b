using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Kinds.PriorityClasses;

/// <summary>The classes that every cluster has (Kubernetes, "Guaranteed Scheduling For Critical Add-On Pods").</summary>
public static class SystemPriorityClasses
{
    /// <summary>What the names of such classes begin with.</summary>
    public const string Prefix = "system-";

    /// <summary>The classes.</summary>
    public static IEnumerable<JsonObject> All =>
    [
        Create("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
        Create("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."),
    ];

    /// <summary>Whether an object is one of them: its name and value are.</summary>
    public static bool Contain(JsonObject o) =>
        All.Any(c => (string?)c["metadata"]!["name"] == (string?)o["metadata"]?["name"] && JsonNode.DeepEquals(c["value"], o["value"]) && (bool?)o["globalDefault"] != true);

    private static JsonObject Create(string name, int value, string description) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["value"] = value,
        ["description"] = description,
    };
}
