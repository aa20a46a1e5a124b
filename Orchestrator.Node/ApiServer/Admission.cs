using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>What the server adds to an object whoever sent it: the admission plugins that Kubernetes has on by default.</summary>
internal static class Admission
{
    private const int EvictionSeconds = 300;

    /// <summary>Changes the object in place.</summary>
    public static void Apply(KindInfo kind, JsonObject o)
    {
        if (kind == Kinds.Pod && o["spec"] is JsonObject pod)
        {
            Tolerate(pod, "node.kubernetes.io/not-ready");
            Tolerate(pod, "node.kubernetes.io/unreachable");
        }
    }

    // Five minutes of a lost node before a pod is replaced, unless the pod says otherwise (DefaultTolerationSeconds).
    private static void Tolerate(JsonObject pod, string key)
    {
        var tolerations = pod["tolerations"] as JsonArray ?? [];
        pod["tolerations"] = tolerations;
        if (!tolerations.OfType<JsonObject>().Any(t => (Is(t, "key", key) || t["key"] is null) && (t["effect"] is null || Is(t, "effect", "NoExecute"))))
        {
            tolerations.Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = EvictionSeconds });
        }
    }

    private static bool Is(JsonObject o, string name, string text) => o[name] is JsonValue value && value.TryGetValue<string>(out var found) && found == text;
}
