namespace Orchestrator.Actors.Feed;

/// <summary>Keeps the latest changes of one kind, so that watches can resume. Not thread-safe: the cache guards it.</summary>
/// <param name="capacity">Maximum number of changes.</param>
internal sealed class ChangeRing(int capacity)
{
    private readonly Queue<ObjectChange> _changes = new();

    /// <summary>The lowest revision from which a watch can resume.</summary>
    public long Floor { get; private set; }

    /// <summary>Number of changes that are kept.</summary>
    public int Count => _changes.Count;

    /// <summary>Approximate bytes of JSON that they hold.</summary>
    public long Held { get; private set; }

    /// <summary>Adds a change, and drops the oldest one if there are too many.</summary>
    public void Add(ObjectChange change)
    {
        _changes.Enqueue(change);
        Held += change.Object.Weight;
        if (_changes.Count > capacity)
        {
            DropOldest();
        }
    }

    /// <summary>Drops the oldest change, but never the newest.</summary>
    /// <returns>False if there is none to drop.</returns>
    public bool DropOldest()
    {
        if (_changes.Count <= 1)
        {
            return false;
        }

        var oldest = _changes.Dequeue();
        Held -= oldest.Object.Weight;
        Floor = oldest.Revision;
        return true;
    }

    /// <summary>Starts at a revision: changes up to it are not kept.</summary>
    public void Begin(long revision) => Floor = revision;

    /// <summary>Returns the changes after a revision, in order.</summary>
    public IEnumerable<ObjectChange> After(long revision) => _changes.SkipWhile(c => c.Revision <= revision);
}
