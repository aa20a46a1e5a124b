using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>A ConfigMap or Secret that a pod template names in its volumes or in the environment of its containers.</summary>
/// <param name="Kind">ConfigMaps or Secrets.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsOptional">Whether pods start without it, wherever it is named.</param>
internal sealed record ConfigReference(ResourceDefinition Kind, string Name, bool IsOptional)
{
    /// <summary>Such as <c>configmap/settings</c>.</summary>
    public override string ToString() => $"{Kind.Singular}/{Name}";

    /// <summary>Returns what the spec of a pod names, each once, in order of their texts.</summary>
    public static IReadOnlyList<ConfigReference> In(JsonObject? podSpec)
    {
        var named = new List<ConfigReference>();
        foreach (var volume in Items(podSpec, "volumes"))
        {
            Add(ConfigMapDefinition.Instance, volume["configMap"]);
            Add(SecretDefinition.Instance, volume["secret"], "secretName");
            foreach (var source in Items(volume["projected"], "sources"))
            {
                Add(ConfigMapDefinition.Instance, source["configMap"]);
                Add(SecretDefinition.Instance, source["secret"]);
            }
        }

        foreach (var container in Items(podSpec, "initContainers").Concat(Items(podSpec, "containers")))
        {
            foreach (var variable in Items(container, "env"))
            {
                Add(ConfigMapDefinition.Instance, variable["valueFrom"]?["configMapKeyRef"]);
                Add(SecretDefinition.Instance, variable["valueFrom"]?["secretKeyRef"]);
            }

            foreach (var source in Items(container, "envFrom"))
            {
                Add(ConfigMapDefinition.Instance, source["configMapRef"]);
                Add(SecretDefinition.Instance, source["secretRef"]);
            }
        }

        return [.. named.GroupBy(r => (r.Kind, r.Name)).Select(g => g.First() with { IsOptional = g.All(r => r.IsOptional) }).OrderBy(r => r.ToString(), StringComparer.Ordinal)];

        void Add(ResourceDefinition kind, JsonNode? source, string field = "name")
        {
            if ((string?)source?[field] is { Length: > 0 } name)
            {
                named.Add(new ConfigReference(kind, name, (bool?)source!["optional"] == true));
            }
        }
    }

    private static IEnumerable<JsonObject> Items(JsonNode? parent, string list) => (parent?[list] as JsonArray ?? []).OfType<JsonObject>();
}
