using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Feed;

/// <summary>The Kubernetes Events: those recorded with journal events, and those that clients posted. There are many and they are seldom
/// read, so they are not indexed, do not wake actors, and are sorted only when a snapshot is requested. Not thread-safe: the cache guards it.</summary>
internal sealed class KubeEventStore(int horizon)
{
    private readonly EventProjection _projection = new();
    private readonly Dictionary<string, KubeObject> _objects = [];
    private readonly List<ObjectChange> _changes = [];
    private ObjectMap? _snapshot;

    /// <summary>The changes from which watches resume.</summary>
    public ChangeRing Ring { get; } = new(horizon);

    /// <summary>Adds the Kubernetes Events recorded with one journal event.</summary>
    public void Take(KubeObject? subject, ObjectEvent e)
    {
        foreach (var (was, now) in _projection.Project(subject, e))
        {
            if (now is null)
            {
                _objects.Remove(NameOf(was!));
                _changes.Add(new ObjectChange("DELETED", was!.At(e.Revision), was, e.Revision));
                continue;
            }

            _objects[NameOf(now)] = now;
            _changes.Add(new ObjectChange(was is null ? "ADDED" : "MODIFIED", now, was, e.Revision));
        }
    }

    /// <summary>The Events recorded with journal events that are kept, oldest first.</summary>
    public IReadOnlyList<KubeObject> Recorded() => _projection.Kept();

    /// <summary>The Events that clients posted.</summary>
    public IReadOnlyCollection<KubeObject> Posted()
    {
        var recorded = _projection.Kept().Select(NameOf).ToHashSet();
        return [.. _objects.Where(o => !recorded.Contains(o.Key)).Select(o => o.Value)];
    }

    /// <summary>Continues with Events that <see cref="Recorded"/> returned.</summary>
    public void Restore(IReadOnlyList<KubeObject> recorded)
    {
        _projection.Restore(recorded);
        foreach (var item in recorded)
        {
            _objects[NameOf(item)] = item;
        }

        _snapshot = null;
    }

    /// <summary>Gets an Event by namespace and name; null if there is none.</summary>
    public KubeObject? Find(string ns, string name) => _objects.GetValueOrDefault($"{ns}/{name}");

    /// <summary>Applies a change of an Event that a client posted.</summary>
    public void Take(ObjectChange change)
    {
        if (change.Type == "DELETED")
        {
            _objects.Remove(NameOf(change.Object));
        }
        else
        {
            _objects[NameOf(change.Object)] = change.Object;
        }

        _changes.Add(change);
    }

    /// <summary>The changes since the last call.</summary>
    public IReadOnlyList<ObjectChange> Publish()
    {
        if (_changes.Count == 0)
        {
            return [];
        }

        _snapshot = null;
        ObjectChange[] published = [.. _changes];
        _changes.Clear();
        foreach (var change in published)
        {
            Ring.Add(change);
        }

        return published;
    }

    /// <summary>All Events, in order.</summary>
    public ObjectMap Snapshot() => _snapshot ??= ObjectMap.Of(_objects.Values);

    private static string NameOf(KubeObject item) => $"{item.Namespace}/{item.Name}";
}
