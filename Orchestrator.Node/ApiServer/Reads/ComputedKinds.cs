using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ComponentStatuses;
using Orchestrator.Actors.Kinds.NodeMetrics;
using Orchestrator.Actors.Kinds.PodMetrics;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>The kinds whose objects are made when they are read, and are not stored.</summary>
internal static class ComputedKinds
{
    private static readonly Dictionary<ResourceDefinition, Func<ApiServices, ResourcePath, CancellationToken, Task<KindSnapshot>>> Sources = new()
    {
        [ComponentStatusDefinition.Instance] = (services, _, _) => Task.FromResult(ComponentStatuses.Snapshot(services)),
        [PodMetricsDefinition.Instance] = ResourceMetrics.PodsAsync,
        [NodeMetricsDefinition.Instance] = ResourceMetrics.NodesAsync,
    };

    /// <summary>The objects that a path is of; null if its kind is stored.</summary>
    public static Task<KindSnapshot>? SnapshotAsync(ApiServices services, ResourcePath path, CancellationToken cancellation) =>
        Sources.TryGetValue(path.Kind, out var source) ? source(services, path, cancellation) : null;

    /// <summary>The error for an object that is not there.</summary>
    public static ApiError NotFound(ResourcePath path, ObjectKey key) =>
        path.Kind == PodMetricsDefinition.Instance || path.Kind == NodeMetricsDefinition.Instance ? ResourceMetrics.NotFound(path.Kind, key) : ApiError.NotFound(key);
}
