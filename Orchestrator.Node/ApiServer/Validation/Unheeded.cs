using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer.Validation;

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

    private static IEnumerable<(string List, int Index, JsonObject Container)> Containers(JsonObject spec) =>
        ((string[])["initContainers", "containers"]).SelectMany(list => JsonFilling.Items(spec, list).Select((c, i) => (list, i, c)));

    private static IEnumerable<string> InPod(JsonObject spec, string path)
    {
        foreach (var field in (string[])["podAffinity", "podAntiAffinity"])
        {
            if (spec["affinity"]?[field] is JsonObject { Count: > 0 })
            {
                yield return $"{path}.affinity.{field}: the scheduler does not heed it yet";
            }
        }

        foreach (var field in (string[])["activeDeadlineSeconds", "readinessGates", "hostAliases", "dnsConfig", "imagePullSecrets", "hostPID", "hostIPC", "shareProcessNamespace"])
        {
            if (spec[field] is JsonArray { Count: > 0 } or JsonObject { Count: > 0 } || (spec[field] is JsonValue value && value.GetValueKind() != System.Text.Json.JsonValueKind.False))
            {
                yield return $"{path}.{field}: nothing heeds it yet";
            }
        }

        foreach (var field in (string[])["fsGroup", "supplementalGroups", "sysctls", "seccompProfile"])
        {
            if (spec["securityContext"]?[field] is not null)
            {
                yield return $"{path}.securityContext.{field}: nothing heeds it yet";
            }
        }

        foreach (var (list, i, container) in Containers(spec))
        {
            if (container["lifecycle"]?["stopSignal"] is not null)
            {
                yield return $"{path}.{list}[{i}].lifecycle.stopSignal: nothing heeds it yet";
            }

            if (container["livenessProbe"]?["grpc"] is not null || container["readinessProbe"]?["grpc"] is not null || container["startupProbe"]?["grpc"] is not null)
            {
                yield return $"{path}.{list}[{i}]: gRPC probes are not asked yet and count as successful";
            }
        }

        if (spec["topologySpreadConstraints"] is JsonArray { Count: > 0 })
        {
            yield return $"{path}.topologySpreadConstraints: the scheduler does not heed them yet";
        }
    }
}
