using System.Text.Json.Nodes;
using k8s;

namespace Orchestrator.Actors.Workloads;

/// <summary>What planners do with typed models: they are mutable, and the cache's must not be changed.</summary>
internal static class Models
{
    /// <summary>A copy that shares nothing with the original.</summary>
    public static T Copy<T>(T value) => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(value));

    /// <summary>What a model, or a list of them, says on the wire.</summary>
    public static JsonNode ToNode(object model) => JsonNode.Parse(KubernetesJson.Serialize(model))!;

    /// <summary>Whether both say the same on the wire.</summary>
    public static bool Same(object? left, object? right) =>
        left is null || right is null ? left is null && right is null : KubernetesJson.Serialize(left) == KubernetesJson.Serialize(right);
}
