using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Feed;

/// <summary>What a planner may see: the cache's indexes.</summary>
public interface IClusterView
{
    /// <summary>A copy of what stands under an index key now; in no order.</summary>
    IReadOnlyCollection<KubeObject> Indexed(IndexKey key);

    /// <summary>The object at a place; null when there is none.</summary>
    KubeObject? Find(ObjectKey key);

    /// <summary>The object of this incarnation; null when there is none (any more).</summary>
    KubeObject? ByUid(string uid);
}
