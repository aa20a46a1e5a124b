using System.Collections.Immutable;

namespace Orchestrator.Actors.Feed;

/// <summary>The open watches, by resource. Changed under the cache's lock; a list that was taken stays as it is.</summary>
internal sealed class Watchers
{
    private readonly Dictionary<string, ImmutableArray<Watcher>> _byResource = [];

    /// <summary>All of them.</summary>
    public IEnumerable<Watcher> All => _byResource.Values.SelectMany(w => w);

    /// <summary>Those of a resource.</summary>
    public ImmutableArray<Watcher> Of(string resource) => _byResource.GetValueOrDefault(resource, []);

    public void Add(Watcher watcher) => _byResource[watcher.Resource] = Of(watcher.Resource).Add(watcher);

    public void Remove(Watcher watcher) => _byResource[watcher.Resource] = Of(watcher.Resource).Remove(watcher);
}
