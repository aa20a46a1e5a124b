namespace Orchestrator.Tests.Faults;

/// <summary>What a client knows of a write when its request has ended.</summary>
internal enum Outcome
{
    /// <summary>2xx: it is stored.</summary>
    Acknowledged,

    /// <summary>Nothing was stored: 4xx, 503, 507, or nobody listened.</summary>
    Refused,

    /// <summary>It may be stored, now or later: 500, 504, or no answer.</summary>
    Unknown,
}

/// <summary>What a client asked for.</summary>
internal enum Verb
{
    Create,

    /// <summary>A merge patch that adds one key.</summary>
    Change,

    Delete,

    /// <summary>A counter's next value, with the version that was read.</summary>
    Count,

    Get,
    List,
}

/// <summary>One request of a client and how it ended. Times are since the start of the run.</summary>
internal sealed record Operation(string Client, string Host, Verb Verb, string Name)
{
    public TimeSpan Began { get; init; }

    public TimeSpan Ended { get; init; }

    public Outcome Outcome { get; init; }

    /// <summary>HTTP status; 0 without an answer.</summary>
    public int Status { get; init; }

    /// <summary>The key that a change adds.</summary>
    public string Key { get; init; } = "";

    /// <summary>The label that the write sets; null if it sets none.</summary>
    public string? Group { get; init; }

    /// <summary>The value that a count writes.</summary>
    public long Value { get; init; }

    /// <summary>Version of the object or list in the answer; 0 if it has none.</summary>
    public long Revision { get; init; }

    /// <summary>Names and versions of what a list had.</summary>
    public IReadOnlyDictionary<string, long>? Items { get; init; }

    /// <summary>What the answer said if it was no success.</summary>
    public string Message { get; init; } = "";

    public bool IsWrite => Verb is not (Verb.Get or Verb.List);

    /// <summary>One line of a history.</summary>
    public override string ToString() =>
        $"{Began.TotalSeconds,9:0.000}–{Ended.TotalSeconds:0.000}  {Client} at {Host}: {Verb} {Name}{(Key.Length > 0 ? " " + Key : "")}{(Verb == Verb.Count ? $" = {Value}" : "")}"
        + $"{(Group is null ? "" : $" group={Group}")}: {Outcome} {Status}{(Revision > 0 ? $", revision {Revision}" : "")}{(Message.Length > 0 ? ": " + Message : "")}";
}
