using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Says of a pod that it has to go, and who wants it (Kubernetes, "Disruptions", "Pod disruption conditions").</summary>
public static class DisruptionTarget
{
    private const string Type = "DisruptionTarget";

    /// <summary>Returns the change of the pod.</summary>
    /// <param name="reason">Who, such as <c>EvictionByEvictionAPI</c>.</param>
    /// <param name="message">Why.</param>
    /// <param name="now">Current time.</param>
    public static JsonObject Patch(string reason, string message, DateTimeOffset now) => new()
    {
        ["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = Type,
                ["status"] = "True",
                ["reason"] = reason,
                ["message"] = message,
                ["lastTransitionTime"] = KubeTime.Text(now),
            }),
        },
    };
}
