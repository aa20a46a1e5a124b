using k8s.Models;

namespace Orchestrator.Actors.Api;

/// <summary>Who comes first where only one can have something. Pure.</summary>
public static class Seniority
{
    /// <summary>The oldest first, and of those of the same age the first by <c>namespace/name</c>.</summary>
    /// <typeparam name="T">The model class of the objects.</typeparam>
    public static IOrderedEnumerable<KubeObject> OldestFirst<T>(this IEnumerable<KubeObject> objects) where T : class, IMetadata<V1ObjectMeta> =>
        objects.OrderBy(o => o.As<T>().Metadata.CreationTimestamp).ThenBy(o => $"{o.Namespace}/{o.Name}", StringComparer.Ordinal);
}
