using System.Collections.Concurrent;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed;

/// <summary>The changes of one batch to objects and index, published together.</summary>
/// <param name="kinds">The snapshot of each resource.</param>
/// <param name="index">The index.</param>
/// <param name="snapshot">Returns the present snapshot of a kind.</param>
internal sealed class CacheDraft(ConcurrentDictionary<string, KindSnapshot> kinds, ObjectIndex index, Func<ResourceDefinition, KindSnapshot> snapshot)
{
    private readonly Dictionary<string, ObjectMap.Builder> _drafts = [];
    private readonly List<(KubeObject?, KubeObject?)> _reindexed = [];

    /// <summary>The objects of a kind, to be changed.</summary>
    public ObjectMap.Builder Objects(ResourceDefinition kind)
    {
        if (!_drafts.TryGetValue(kind.Resource, out var builder))
        {
            _drafts[kind.Resource] = builder = snapshot(kind).Objects.ToBuilder();
        }

        return builder;
    }

    /// <summary>Adds a change of the index.</summary>
    public void Reindex(KubeObject? before, KubeObject? after) => _reindexed.Add((before, after));

    /// <summary>Publishes all changes.</summary>
    public void Publish(long revision)
    {
        index.Apply(_reindexed);
        foreach (var (resource, objects) in _drafts)
        {
            kinds[resource] = new KindSnapshot(revision, objects.ToMap());
        }
    }
}
