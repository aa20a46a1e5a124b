using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ComponentStatuses;

/// <summary>ComponentStatuses: the health of the control plane, as one host sees it. They are created when they are read.</summary>
public static class ComponentStatusDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "ComponentStatus",
        Plural = "componentstatuses",
        Namespaced = false,
        Verbs = ["get", "list"],
        Model = typeof(V1ComponentStatus),
        ShortNames = ["cs"],
        Columns =
        [
            Column.Name,
            new("Status", r => Healthy(r, "status") == "True" ? "Healthy" : "Unhealthy"),
            new("Message", r => Healthy(r, "message")),
            new("Error", r => Healthy(r, "error")),
        ],
    };

    private static string Healthy(TableRow row, string field) => (string?)(row.Node["conditions"] as JsonArray)?[0]?[field] ?? "";

    /// <summary>Creates the status of a component.</summary>
    /// <param name="name">Name of the component.</param>
    /// <param name="failure">Error message; null if it is healthy.</param>
    public static KubeObject Create(string name, string? failure)
    {
        var condition = new JsonObject { ["type"] = "Healthy", ["status"] = failure is null ? "True" : "False" };
        condition[failure is null ? "message" : "error"] = failure ?? "ok";
        return KubeObject.From(Instance, new JsonObject
        {
            ["apiVersion"] = Instance.ApiVersion,
            ["kind"] = Instance.Kind,
            ["metadata"] = new JsonObject { ["name"] = name },
            ["conditions"] = new JsonArray(condition),
        });
    }
}
