using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Node.Copies;

/// <summary>A node's own copy of the objects that a feed of the control hosts gives it.</summary>
internal sealed class ObjectCopy
{
    private readonly Dictionary<ObjectKey, KubeObject> _objects = [];
    private readonly FeedProgress _progress = new();
    private Dictionary<ObjectKey, KubeObject> _whole = [];

    /// <summary>Who gave it; empty if there is none yet.</summary>
    public string Source => _progress.Source;

    /// <summary>Its version.</summary>
    public long Version => _progress.Version;

    /// <summary>What is to be asked for.</summary>
    public FeedPosition Position => _progress.Position;

    /// <summary>The objects.</summary>
    public IReadOnlyCollection<KubeObject> All => _objects.Values;

    /// <summary>Finds an object; null if there is none.</summary>
    public KubeObject? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    /// <summary>Takes news.</summary>
    /// <returns>What has changed, in order; null if more has to be asked for.</returns>
    public IReadOnlyList<CopyChange>? Take(ObjectNews news)
    {
        var changes = new List<CopyChange>();
        var before = Source;
        switch (_progress.Take(news))
        {
            case FeedStep.Ask:
                return null;
            case FeedStep.Part:
                Collect(news);
                return null;
            case FeedStep.Change:
                foreach (var gone in news.Gone.Where(g => _objects.TryGetValue(g.Key, out var held) && held.Revision < g.Revision))
                {
                    Remove(gone.Key, changes);
                }

                Put(news.Changed, changes);
                break;
            case FeedStep.Whole:
                Collect(news);
                foreach (var gone in _objects.Keys.Where(k => !_whole.ContainsKey(k)).ToList())
                {
                    Remove(gone, changes);
                }

                // What another source gave may have a higher revision of an object that is older: the journal was restored.
                Put(_whole.Values, changes, news.Source != before);
                _whole = [];
                break;
            default:
                break;
        }

        return changes;
    }

    private void Collect(ObjectNews news)
    {
        if (news.Part == 1)
        {
            _whole = [];
        }

        foreach (var o in news.Changed)
        {
            _whole[o.Key] = o;
        }
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
