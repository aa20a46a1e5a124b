using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Node.Proxy;

/// <summary>A node's own copy of the objects that a feed of the control hosts gives it.</summary>
internal sealed class ObjectCopy
{
    private readonly Dictionary<ObjectKey, KubeObject> _objects = [];
    private Dictionary<ObjectKey, KubeObject>? _whole;

    /// <summary>Who gave it; empty if there is none yet.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Its version.</summary>
    public long Version { get; private set; }

    /// <summary>The objects.</summary>
    public IReadOnlyCollection<KubeObject> All => _objects.Values;

    /// <summary>Finds an object; null if there is none.</summary>
    public KubeObject? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    /// <summary>Takes news.</summary>
    /// <returns>What has changed, in order; null if something before was missed, so that the whole has to be asked for.</returns>
    public IReadOnlyList<CopyChange>? Take(ObjectNews news)
    {
        var changes = new List<CopyChange>();
        if (news.From != ObjectNews.Whole)
        {
            if ((news.Source, news.From) != (Source, Version))
            {
                return null;
            }

            foreach (var gone in news.Gone.Where(g => _objects.TryGetValue(g.Key, out var held) && held.Revision < g.Revision))
            {
                Remove(gone.Key, changes);
            }

            Put(news.Changed, changes);
            Version = news.Version;
            return changes;
        }

        _whole ??= [];
        foreach (var o in news.Changed)
        {
            _whole[o.Key] = o;
        }

        if (!news.IsLast)
        {
            return changes;
        }

        foreach (var gone in _objects.Keys.Where(k => !_whole.ContainsKey(k)).ToList())
        {
            Remove(gone, changes);
        }

        // What another source gave may have a higher revision of an object that is older: the journal was restored.
        Put(_whole.Values, changes, news.Source != Source);
        (Source, Version, _whole) = (news.Source, news.Version, null);
        return changes;
    }

    private void Put(IEnumerable<KubeObject> objects, List<CopyChange> changes, bool isAnyAge = false)
    {
        foreach (var o in objects)
        {
            var held = _objects.GetValueOrDefault(o.Key);
            if (held is null || (held.Revision != o.Revision && (held.Revision < o.Revision || isAnyAge)))
            {
                _objects[o.Key] = o;
                changes.Add(new CopyChange(held, o));
            }
        }
    }

    private void Remove(ObjectKey key, List<CopyChange> changes)
    {
        if (_objects.Remove(key, out var held))
        {
            changes.Add(new CopyChange(held, null));
        }
    }
}

/// <summary>A change of an object in a copy.</summary>
/// <param name="Before">As it was; null if it is new.</param>
/// <param name="After">As it is; null if it is gone.</param>
internal sealed record CopyChange(KubeObject? Before, KubeObject? After);
