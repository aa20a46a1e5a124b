using System.Data.Common;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

/// <summary>Where a connection breaks.</summary>
public enum Break
{
    /// <summary>Nothing reached the database.</summary>
    BeforeOpening,

    /// <summary>The batch did not reach it.</summary>
    BeforeCommit,

    /// <summary>The batch is committed, and the answer lost.</summary>
    AfterCommit,
}

/// <summary>A dialect whose appends break a number of times, and then for a while every connection.</summary>
internal sealed class LossyDialect(IJournalDialect inner, Break where, int times, int awayFor) : IJournalDialect
{
    private int _left = times;
    private int _away;

    private Break Where => where;

    private int AwayFor => awayFor;

    public bool IsShared => inner.IsShared;

    public void CreateSchema(DbConnection connection) => inner.CreateSchema(connection);

    public DbConnection Connect() => inner.Connect();

    public IJournalAppender OpenAppender()
    {
        if (_away > 0 || (where == Break.BeforeOpening && _left > 0))
        {
            _away--;
            _left--;
            throw new IOException("away");
        }

        return new Appender(this, inner.OpenAppender());
    }

    public bool IsRowsFault(Exception e) => inner.IsRowsFault(e);

    public void Dispose() => inner.Dispose();

    public long CopyTo(DbConnection connection, string path) => inner.CopyTo(connection, path);

    public bool IsFull(Exception e) => inner.IsFull(e);

    public string SizeQuery => inner.SizeQuery;

    public bool IsStale(Exception e) => inner.IsStale(e);

    public bool IsRefusal(Exception e) => inner.IsRefusal(e);

    public Task ListenAsync(Action<long> head, Action<string?> away, CancellationToken cancellation) => inner.ListenAsync(head, away, cancellation);

    public DbTransaction BeginRead(DbConnection connection) => inner.BeginRead(connection);

    public void LockAppends(DbConnection connection) => inner.LockAppends(connection);

    public bool TryHoldRetention(DbConnection connection) => inner.TryHoldRetention(connection);

    public void ReleaseRetention(DbConnection connection) => inner.ReleaseRetention(connection);

    private sealed class Appender(LossyDialect lossy, IJournalAppender appender) : IJournalAppender
    {
        public DbConnection Connection => appender.Connection;

        public IReadOnlyList<Committed> Append(IReadOnlyList<JournalEntry> entries, long known)
        {
            var isBreaking = lossy._left-- > 0;
            lossy._away = isBreaking ? lossy.AwayFor : 0;
            if (isBreaking && lossy.Where == Break.BeforeCommit)
            {
                throw new IOException("broken before");
            }

            var others = appender.Append(entries, known);
            return isBreaking ? throw new IOException("broken after") : others;
        }

        public void Dispose() => appender.Dispose();
    }
}
