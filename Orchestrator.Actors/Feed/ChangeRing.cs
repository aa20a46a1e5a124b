namespace Orchestrator.Actors.Feed;

/// <summary>Keeps the latest changes, so that watches can resume. Not thread-safe: the cache guards it.</summary>
/// <param name="capacity">Maximum number of changes.</param>
/// <param name="bytes">Approximate maximum of JSON bytes that they hold. The newest change is kept whatever its size.</param>
internal sealed class ChangeRing(int capacity, long bytes = long.MaxValue)
{
    private readonly Queue<ObjectChange> _changes = new();
    private long _held;

    /// <summary>The lowest revision from which a watch can resume.</summary>
    public long Floor { get; private set; }

    /// <summary>Number of changes that are kept.</summary>
    public int Count => _changes.Count;

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

    /// <summary>Starts at a revision: changes up to it are not kept.</summary>
    public void Begin(long revision) => Floor = revision;

    public IEnumerable<ObjectChange> After(long revision) => _changes.SkipWhile(c => c.Revision <= revision);
}
