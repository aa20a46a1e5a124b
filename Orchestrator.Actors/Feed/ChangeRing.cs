namespace Orchestrator.Actors.Feed;

/// <summary>The last changes, for watches that resume. Not thread-safe: the cache guards it.</summary>
internal sealed class ChangeRing(int capacity)
{
    private readonly Queue<ObjectChange> _changes = new();

    /// <summary>Revisions below this can no longer be resumed from.</summary>
    public long Floor { get; private set; }

    public void Add(ObjectChange change)
    {
        _changes.Enqueue(change);
        if (_changes.Count > capacity)
        {
            Floor = _changes.Dequeue().Revision;
        }
    }

    /// <summary>Nothing at or below this is known.</summary>
    public void Begin(long revision) => Floor = revision;

    public IEnumerable<ObjectChange> After(long revision) => _changes.SkipWhile(c => c.Revision <= revision);
}
