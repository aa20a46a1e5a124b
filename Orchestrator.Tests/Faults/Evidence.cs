namespace Orchestrator.Tests.Faults;

/// <summary>A stored object as one host shows it.</summary>
internal sealed record StoredObject(long Revision, string? Group, IReadOnlyDictionary<string, string> Data);

/// <summary>What one host lists at the end of the run.</summary>
internal sealed record Replica(string Host, long Revision, IReadOnlyDictionary<string, StoredObject> Objects);

/// <summary>What the checks are made of: the history, and the state after it.</summary>
internal sealed record Evidence
{
    public IReadOnlyList<Operation> Operations { get; init; } = [];

    public IReadOnlyList<Seen> Seen { get; init; } = [];

    public IReadOnlyList<FaultTry> Tries { get; init; } = [];

    /// <summary>One per host; empty if the end was not reached.</summary>
    public IReadOnlyList<Replica> Replicas { get; init; } = [];

    /// <summary>The label that each watcher selects; null if it selects none.</summary>
    public IReadOnlyDictionary<string, string?> Selectors { get; init; } = new Dictionary<string, string?>();

    /// <summary>What should have been reached at the end and was not.</summary>
    public IReadOnlyList<string> Unmet { get; init; } = [];

    /// <summary>What the run left on the machine.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    /// <summary>The state in the end, of any host: that they agree is a check of its own.</summary>
    public IReadOnlyDictionary<string, StoredObject> Final => Replicas.Count == 0 ? new Dictionary<string, StoredObject>() : Replicas[0].Objects;

    /// <summary>The writes of each object, in the order in which they ended.</summary>
    public ILookup<string, Operation> Writes => Operations.Where(o => o.IsWrite).ToLookup(o => o.Name);
}
