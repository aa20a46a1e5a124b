namespace Orchestrator.Actors.Journal;

/// <summary>A filter of the persistence ids that may have rows, so that the recovery of a new object needs no query. Only valid with a single writing host.
/// Stores an 8-byte hash per id; a collision only costs a query. Thread-safe.</summary>
internal sealed class KnownIds
{
    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _marks = [];

    /// <summary>Starts with the ids that have rows.</summary>
    public KnownIds(IEnumerable<string> ids) => _marks.UnionWith(ids.Select(Mark));

    /// <summary>Adds an id. Must be called before its first row is written.</summary>
    public void Add(string id)
    {
        lock (_gate)
        {
            _marks.Add(Mark(id));
        }
    }

    /// <summary>False if the id has no rows.</summary>
    public bool MayHave(string id)
    {
        lock (_gate)
        {
            return _marks.Contains(Mark(id));
        }
    }

    // FNV-1a over UTF-16.
    private static ulong Mark(string id)
    {
        const ulong basis = 14695981039346656037, prime = 1099511628211;
        var mark = basis;
        foreach (var letter in id)
        {
            mark = unchecked((mark ^ letter) * prime);
        }

        return mark;
    }
}
