using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>A ConfigMap or Secret that the spec of a pod names in its volumes or in the environment of its containers.</summary>
/// <param name="Kind">ConfigMaps or Secrets.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsOptional">Whether pods start without it, wherever it is named.</param>
internal sealed record ConfigReference(ResourceDefinition Kind, string Name, bool IsOptional)
{
    /// <summary>Such as <c>configmap/settings</c>.</summary>
    public override string ToString() => $"{Kind.Singular}/{Name}";

    /// <summary>Returns what the spec of a pod names, each once, in order of their texts.</summary>
    public static IReadOnlyList<ConfigReference> In(JsonObject? podSpec) =>
        [.. Volumes(podSpec).Concat(Environment(podSpec)).GroupBy(r => (r.Kind, r.Name)).Select(g => g.First() with { IsOptional = g.All(r => r.IsOptional) }).OrderBy(r => r.ToString(), StringComparer.Ordinal)];

    /// <summary>Keys of what the volumes of a pod show, which follow it while the pod runs (Kubernetes, "Mounted ConfigMaps are updated automatically"). The certificate
    /// that every pod shows is left out: it changes once in years, and an index entry for each pod costs more than the slow pass that brings it.</summary>
    public static IEnumerable<ObjectKey> Shown(JsonObject pod) =>
        Volumes(pod["spec"] as JsonObject).Where(r => r.Name != PodAccount.RootCertificates).Select(r => r.Kind.Key((string?)pod["metadata"]?["namespace"], r.Name)).Distinct();

    private static IEnumerable<ConfigReference> Volumes(JsonObject? podSpec) => Items(podSpec, "volumes").SelectMany(volume => (IEnumerable<ConfigReference?>)
    [
        Named(ConfigMapDefinition.Instance, volume["configMap"]),
        Named(SecretDefinition.Instance, volume["secret"], "secretName"),
        .. Items(volume["projected"], "sources").SelectMany(s => (ConfigReference?[])[Named(ConfigMapDefinition.Instance, s["configMap"]), Named(SecretDefinition.Instance, s["secret"])]),
    ]).OfType<ConfigReference>();

    private static IEnumerable<ConfigReference> Environment(JsonObject? podSpec) => Items(podSpec, "initContainers").Concat(Items(podSpec, "containers")).SelectMany(container => (IEnumerable<ConfigReference?>)
    [
        .. Items(container, "env").SelectMany(v => (ConfigReference?[])
            [Named(ConfigMapDefinition.Instance, v["valueFrom"]?["configMapKeyRef"]), Named(SecretDefinition.Instance, v["valueFrom"]?["secretKeyRef"])]),
        .. Items(container, "envFrom").SelectMany(s => (ConfigReference?[])[Named(ConfigMapDefinition.Instance, s["configMapRef"]), Named(SecretDefinition.Instance, s["secretRef"])]),
    ]).OfType<ConfigReference>();

    private static ConfigReference? Named(ResourceDefinition kind, JsonNode? source, string field = "name") =>
        (string?)source?[field] is { Length: > 0 } name ? new ConfigReference(kind, name, (bool?)source!["optional"] == true) : null;

    private static IEnumerable<JsonObject> Items(JsonNode? parent, string list) => (parent?[list] as JsonArray ?? []).OfType<JsonObject>();
}
