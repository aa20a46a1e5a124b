using System.Text;
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
        else if (kind == Kinds.Secret)
        {
            Encode(o);
        }
        else if (kind == Kinds.Namespace && o["metadata"] is JsonObject meta && meta["name"] is { } name)
        {
            var labels = meta["labels"] as JsonObject ?? [];
            meta["labels"] = labels;
            labels["kubernetes.io/metadata.name"] = name.DeepClone();
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

    // stringData is for writing only: it becomes data.
    private static void Encode(JsonObject o)
    {
        if (o["stringData"] is JsonObject plain)
        {
            var data = o["data"] as JsonObject ?? [];
            o["data"] = data;
            foreach (var (key, value) in plain)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.GetValue<string>() ?? ""));
            }

            o.Remove("stringData");
        }

        o["type"] ??= "Opaque";
    }

    private static bool Is(JsonObject o, string name, string text) => o[name] is JsonValue value && value.TryGetValue<string>(out var found) && found == text;
}
