using System.Data.Common;

namespace Orchestrator.Actors.Journal;

/// <summary>The statements that differ between SQLite and PostgreSQL; everything else is common SQL in <see cref="JournalTable"/>.</summary>
internal interface IJournalDialect : IDisposable
{
    /// <summary>Creates missing tables, indexes and the view. Safe to run on several hosts at once.</summary>
    void CreateSchema(DbConnection connection);

    /// <summary>Returns a connection that is not open yet.</summary>
    DbConnection Connect();

    /// <summary>Returns an appender with its own connection.</summary>
    IJournalAppender OpenAppender();

    /// <summary>Begins a transaction whose reads see one snapshot of the journal and that does not block writers.</summary>
    DbTransaction BeginRead(DbConnection connection);

    /// <summary>Within a transaction: waits for running appends to end and blocks new ones until the transaction ends.</summary>
    void LockAppends(DbConnection connection);

    /// <summary>Whether several hosts may write.</summary>
    bool IsShared { get; }

    /// <summary>Whether a statement failed because its pooled connection belongs to a server that is gone, so that a new connection may work. Clears the pool of that server.</summary>
    bool IsStale(Exception e);

    /// <summary>Takes the compaction lock for this connection; false if another host holds it.</summary>
    bool TryHoldRetention(DbConnection connection);

    /// <summary>Releases the compaction lock.</summary>
    void ReleaseRetention(DbConnection connection);

    /// <summary>Whether the database rejected a row of a batch, so that the other rows can still be stored.</summary>
    bool IsRowsFault(Exception e);

    /// <summary>Whether the database answered that it stored nothing of the batch, so that the outcome is known.</summary>
    bool IsRefusal(Exception e);

    /// <summary>Whether the disk of the database is full; nothing of the batch is stored.</summary>
    bool IsFull(Exception e);

    /// <summary>Copies the database to a new file and returns the last revision in it.</summary>
    long CopyTo(DbConnection connection, string path);

    /// <summary>The query for the bytes that the journal takes.</summary>
    string SizeQuery { get; }

    /// <summary>Calls back with the head revision whenever another host may have committed, and once when it starts to listen. Runs until cancelled.</summary>
    /// <param name="head">Receives the revision.</param>
    /// <param name="away">Receives why the database cannot be reached, at each try, and null when it can.</param>
    /// <param name="cancellation">Ends it.</param>
    Task ListenAsync(Action<long> head, Action<string?> away, CancellationToken cancellation);
}

/// <summary>Stores batches. Not thread-safe.</summary>
internal interface IJournalAppender : IDisposable
{
    /// <summary>The connection, for maintenance jobs between batches.</summary>
    DbConnection Connection { get; }

    /// <summary>Commits the entries in one transaction and sets their revisions.</summary>
    /// <param name="entries">The events to store.</param>
    /// <param name="known">The last revision known to this host.</param>
    /// <returns>The events that other hosts committed between <paramref name="known"/> and this batch.</returns>
    IReadOnlyList<Committed> Append(IReadOnlyList<JournalEntry> entries, long known);
}
