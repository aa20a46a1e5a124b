namespace Orchestrator.Actors.Feed;

/// <summary>The last changes, for watches that resume. Not thread-safe: the cache guards it.</summary>
/// <param name="capacity">Changes at most.</param>
/// <param name="bytes">About how much JSON they may hold; the newest change is kept however large.</param>
internal sealed class ChangeRing(int capacity, long bytes = long.MaxValue)
{
    private readonly Queue<ObjectChange> _changes = new();
    private long _held;

    /// <summary>Revisions below this can no longer be resumed from.</summary>
    public long Floor { get; private set; }

    public void Add(ObjectChange change)
    {
        _changes.Enqueue(change);
        _held += change.Object.Weight;
        while (_changes.Count > capacity || (_held > bytes && _changes.Count > 1))
        {
            var oldest = _changes.Dequeue();
            _held -= oldest.Object.Weight;
            Floor = oldest.Revision;
        }
    }

    /// <summary>Nothing at or below this is known.</summary>
    public void Begin(long revision) => Floor = revision;

    public IEnumerable<ObjectChange> After(long revision) => _changes.SkipWhile(c => c.Revision <= revision);
}
