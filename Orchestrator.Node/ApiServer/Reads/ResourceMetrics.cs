using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.NodeMetrics;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PodMetrics;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>The metrics of the pods and nodes that have some: the part of metrics-server that clients ask.</summary>
internal static class ResourceMetrics
{
    /// <summary>The metrics of the pods of a path.</summary>
    public static async Task<KindSnapshot> PodsAsync(ApiServices services, ResourcePath path, CancellationToken cancellation)
    {
        var pods = await services.Cache.SnapshotAsync(PodDefinition.Instance, cancellation).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        return new KindSnapshot(pods.Revision, ObjectMap.Of(Named(pods, path).Select(p => services.Metrics.Pod(p.Uid) is { } usage ? PodMetricsDefinition.Create(p, usage, now) : null).OfType<KubeObject>()));
    }

    /// <summary>The metrics of the nodes of a path.</summary>
    public static async Task<KindSnapshot> NodesAsync(ApiServices services, ResourcePath path, CancellationToken cancellation)
    {
        var nodes = await services.Cache.SnapshotAsync(NodeDefinition.Instance, cancellation).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        return new KindSnapshot(nodes.Revision, ObjectMap.Of(Named(nodes, path).Select(n => services.Metrics.Node(n.Name) is { } usage ? NodeMetricsDefinition.Create(n, usage, now) : null).OfType<KubeObject>()));
    }

    /// <summary>What an object of the metrics was in the last hours; null if its kind is none of them.</summary>
    public static async Task<IReadOnlyList<UsagePoint>?> HistoryAsync(ApiServices services, ResourceDefinition kind, ObjectKey key, CancellationToken cancellation)
    {
        if (kind == NodeMetricsDefinition.Instance)
        {
            return services.Metrics.NodeHistory(key.Name);
        }

        return kind != PodMetricsDefinition.Instance ? null
            : (await services.Cache.SnapshotAsync(PodDefinition.Instance, cancellation).ConfigureAwait(false)).Find(key.Namespace, key.Name) is { } pod
                ? services.Metrics.PodHistory(pod.Uid) : [];
    }

    /// <summary>metrics-server names the kind, and a pod with its namespace: <c>podmetrics.metrics.k8s.io "default/web" not found</c>.</summary>
    public static ApiError NotFound(ResourceDefinition kind, ObjectKey key) =>
        ApiError.NotFound(key with { Resource = kind.QualifiedSingular, Name = kind.Namespaced ? $"{key.Namespace}/{key.Name}" : key.Name });

    private static IEnumerable<KubeObject> Named(KindSnapshot all, ResourcePath path) => path.Name is { } name
        ? all.Find(path.Kind.Namespaced ? path.Namespace ?? "" : "", name) is { } found ? [found] : []
        : all.Objects.In(path.Kind.Namespaced ? path.Namespace : null);
}
