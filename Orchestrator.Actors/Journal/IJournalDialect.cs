using System.Data.Common;

namespace Orchestrator.Actors.Journal;

/// <summary>What differs between the databases; everything else is common SQL in <see cref="JournalTable"/>.</summary>
internal interface IJournalDialect
{
    /// <summary>Makes tables, indexes and the view where they are missing. Safe from several hosts at once.</summary>
    void CreateSchema(DbConnection connection);

    /// <summary>A connection, not yet open.</summary>
    DbConnection Connect();

    /// <summary>The statement that stores batches, with a connection of its own.</summary>
    IJournalAppender OpenAppender();

    /// <summary>A transaction whose reads all see the journal of one moment, and that makes no writer wait.</summary>
    DbTransaction BeginRead(DbConnection connection);

    /// <summary>Within a transaction: waits until no append is under way and lets none begin.</summary>
    void LockAppends(DbConnection connection);

    /// <summary>Whether several hosts may write.</summary>
    bool IsShared { get; }

    /// <summary>Whether a statement failed because its connection was of a server that has gone; a fresh one may work. Forgets the others of that server.</summary>
    bool IsStale(Exception e);

    /// <summary>Claims the trimming for this connection; false while another host has it.</summary>
    bool TryHoldRetention(DbConnection connection);

    /// <summary>Gives the trimming back.</summary>
    void ReleaseRetention(DbConnection connection);

    /// <summary>Whether the database refused one row of a batch, so that the rest may still be stored.</summary>
    bool IsRowsFault(Exception e);

    /// <summary>Calls back with the head whenever another host may have committed; ends when cancelled. The first call says that it listens.</summary>
    Task ListenAsync(Action<long> head, CancellationToken cancellation);
}

/// <summary>Stores batches. Used by one thread.</summary>
internal interface IJournalAppender : IDisposable
{
    /// <summary>The connection, for chores between batches.</summary>
    DbConnection Connection { get; }

    /// <summary>Commits the entries as one transaction and stamps their revisions.</summary>
    /// <param name="entries">What to store.</param>
    /// <param name="known">The last revision known to this host.</param>
    /// <returns>What other hosts committed between <paramref name="known"/> and this batch.</returns>
    IReadOnlyList<Committed> Append(IReadOnlyList<JournalEntry> entries, long known);
}
