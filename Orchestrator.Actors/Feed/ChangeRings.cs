namespace Orchestrator.Actors.Feed;

/// <summary>A ring of changes for each kind, so that the churn of one kind does not end the watches of another. If all rings together are too large,
/// the oldest changes of the largest one are dropped. Not thread-safe: the cache guards it.</summary>
/// <param name="capacity">Maximum number of changes of a kind.</param>
/// <param name="bytes">Approximate maximum size of all changes, in bytes of JSON. The newest change of a kind is always kept.</param>
internal sealed class ChangeRings(int capacity, long bytes)
{
    private readonly Dictionary<string, ChangeRing> _rings = [];
    private long _begin;
    private long _held;

    /// <summary>Number of changes that are kept.</summary>
    public int Count => _rings.Values.Sum(r => r.Count);

    /// <summary>Returns the ring of a kind.</summary>
    public ChangeRing Of(string resource)
    {
        if (!_rings.TryGetValue(resource, out var ring))
        {
            _rings[resource] = ring = new ChangeRing(capacity);
            ring.Begin(_begin);
        }

        return ring;
    }

    /// <summary>Adds changes of a kind, in order.</summary>
    public void Add(string resource, IReadOnlyList<ObjectChange> changes)
    {
        var ring = Of(resource);
        foreach (var change in changes)
        {
            var before = ring.Held;
            ring.Add(change);
            _held += ring.Held - before;
        }

        while (_held > bytes && _rings.Values.MaxBy(r => r.Held) is { } largest)
        {
            var before = largest.Held;
            if (!largest.DropOldest())
            {
                return;
            }

            _held += largest.Held - before;
        }
    }

    /// <summary>Starts at a revision: changes up to it are not kept.</summary>
    public void Begin(long revision)
    {
        _rings.Clear();
        (_begin, _held) = (revision, 0);
    }
}
