using System.Text.Json.Nodes;
using k8s;

namespace Orchestrator.Actors.Workloads;

/// <summary>Helpers for typed models (classes of KubernetesClient). A model from the cache is shared: change only a copy.</summary>
internal static class Models
{
    /// <summary>Returns a deep copy.</summary>
    public static T Copy<T>(T value) => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(value));

    /// <summary>Returns the JSON of a model or of a list of models.</summary>
    public static JsonNode ToNode(object model) => JsonNode.Parse(KubernetesJson.Serialize(model))!;

    /// <summary>Whether both have the same JSON.</summary>
    public static bool Same(object? left, object? right) =>
        left is null || right is null ? left is null && right is null : KubernetesJson.Serialize(left) == KubernetesJson.Serialize(right);
}
