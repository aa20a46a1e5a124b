using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>Fields that are stored but that nothing acts on yet. Manifests written for other clusters shall apply; whoever relies on such a field is told.</summary>
internal static class Unheeded
{
    /// <summary>A sentence for each such field of an object.</summary>
    public static IEnumerable<string> In(KindInfo kind, JsonObject o)
    {
        if (kind.Kind == "Service")
        {
            return ["spec: the Service is stored, but it gets no address and routes no traffic yet"];
        }

        var (spec, path) = kind == Kinds.Pod ? (o["spec"] as JsonObject, "spec") : (o["spec"]?["template"]?["spec"] as JsonObject, "spec.template.spec");
        return spec is null ? [] : InPod(spec, path);
    }

    private static IEnumerable<string> InPod(JsonObject spec, string path)
    {
        foreach (var field in (string[])["podAffinity", "podAntiAffinity"])
        {
            if (spec["affinity"]?[field] is JsonObject { Count: > 0 })
            {
                yield return $"{path}.affinity.{field}: the scheduler does not heed it yet";
            }
        }

        if (spec["topologySpreadConstraints"] is JsonArray { Count: > 0 })
        {
            yield return $"{path}.topologySpreadConstraints: the scheduler does not heed them yet";
        }
    }
}
