namespace Orchestrator.Actors.Journal;

/// <summary>The state of the journal in figures.</summary>
/// <param name="Bytes">Size of its database's tables and indexes, or of its file.</param>
/// <param name="Oldest">When its oldest event was stored; null if it has none.</param>
public sealed record JournalFigures(long Bytes, DateTimeOffset? Oldest);
