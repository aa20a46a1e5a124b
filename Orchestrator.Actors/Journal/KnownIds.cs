namespace Orchestrator.Actors.Journal;

/// <summary>Which persistence ids the journal may have rows of: an object that is new need not be looked for. Only where one host alone writes.
/// Holds eight bytes an id, so a stranger can be taken for one that is known, which costs a look and nothing else. Thread-safe.</summary>
internal sealed class KnownIds
{
    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _marks = [];

    /// <summary>Begins with those that have rows already.</summary>
    public KnownIds(IEnumerable<string> ids) => _marks.UnionWith(ids.Select(Mark));

    /// <summary>Before the first row of an id is written.</summary>
    public void Add(string id)
    {
        lock (_gate)
        {
            _marks.Add(Mark(id));
        }
    }

    /// <summary>False: there is no row of it.</summary>
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
