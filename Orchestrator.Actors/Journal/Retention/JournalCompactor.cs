using System.Data.Common;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>Applies an event to an object. Returns the object after the event; null if it is deleted.</summary>
public delegate KubeObject? ApplyEvent(ResourceDefinition kind, KubeObject? before, ObjectEvent e);

/// <summary>Compacts the journal: events older than the retention are folded into one snapshot for each object, then deleted after a grace period in
/// which a recovery that has read an older snapshot can finish. Works in small batches between the host's writes. Each batch is a transaction
/// that also advances a mark, so an interrupted pass is resumed by the next one.</summary>
internal sealed class JournalCompactor(JournalTable table, JournalWriter writer, ResourceRegistry registry, TimeSpan keep, ApplyEvent apply, TimeProvider time)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Number of events per transaction.</summary>
    public int Batch { get; init; } = 250;

    /// <summary>How long an entity that has read its snapshot may take to read the events after it.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Compacts the events that are due.</summary>
    /// <returns>The number of deleted events.</returns>
    public async Task<int> PassAsync(CancellationToken cancellation)
    {
        using var connection = table.Open();
        if (!table.Dialect.TryHoldRetention(connection))
        {
            return 0;
        }

        try
        {
            await FoldAsync(connection, (time.GetUtcNow() - keep).UtcTicks, cancellation).ConfigureAwait(false);
            var mark = RetentionRows.Read(connection);
            if (mark.Compacted >= mark.Folded)
            {
                return 0;
            }

            await Task.Delay(Grace, time, cancellation).ConfigureAwait(false);
            return await DeleteAsync(connection, mark, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Release(connection);
        }
    }

    private async Task FoldAsync(DbConnection connection, long before, CancellationToken cancellation)
    {
        while (true)
        {
            var start = time.GetTimestamp();
            var from = RetentionRows.Read(connection).Folded;
            var page = RetentionRows.ToFold(connection, from, Batch);
            var due = page.TakeWhile(r => r.Row.Created < before).ToList();
            if (due.Count == 0)
            {
                return;
            }

            var now = time.GetUtcNow().UtcDateTime;
            // An object that is gone needs no kind: otherwise an older snapshot of it would come back with its kind.
            var states = due.GroupBy(r => r.Row.PersistenceId).Where(g => g.Last().Row.IsDeletion || KindOf(g.Key) is not null)
                .Select(g => Fold(connection, [.. g], now)).ToList();
            await writer.RunAsync((c, t) => RetentionRows.Fold(c, t, from, due[^1].Row.Revision, states)).WaitAsync(cancellation).ConfigureAwait(false);
            if (due.Count < page.Count)
            {
                return;
            }

            await PauseAsync(start, cancellation).ConfigureAwait(false);
        }
    }

    private StoredSnapshot Fold(DbConnection connection, IReadOnlyList<(AgedRow Row, byte[] Message)> events, DateTime now)
    {
        var last = events[^1].Row;
        if (last.IsDeletion)
        {
            return new StoredSnapshot(last.PersistenceId, last.SequenceNr, now, ObjectSnapshot.Of(null, last.Revision));
        }

        var kind = KindOf(last.PersistenceId)!;
        var basis = SnapshotRows.Load(connection, last.PersistenceId, new Akka.Persistence.SnapshotSelectionCriteria(last.SequenceNr));
        var state = basis?.Snapshot.ToObject(kind);
        foreach (var (row, message) in events.Where(e => e.Row.SequenceNr > (basis?.SequenceNr ?? 0)))
        {
            state = apply(kind, state, ObjectEventCodec.Decode(row.Manifest, message, row.Revision));
        }

        return new StoredSnapshot(last.PersistenceId, last.SequenceNr, now, ObjectSnapshot.Of(state, last.Revision));
    }

    private async Task<int> DeleteAsync(DbConnection connection, RetentionMark mark, CancellationToken cancellation)
    {
        var deleted = 0;
        for (var from = mark.Compacted; ;)
        {
            var start = time.GetTimestamp();
            var rows = RetentionRows.ToDelete(connection, from, mark.Folded, Batch);
            if (rows.Count == 0)
            {
                return deleted;
            }

            var ids = rows.GroupBy(r => r.PersistenceId).ToLookup(g => g.Last().IsDeletion || KindOf(g.Key) is not null);
            var superseded = ids[true].Select(g => (g.Key, g.Last().IsDeletion ? g.Last().SequenceNr + 1 : g.Last().SequenceNr)).ToList();
            await writer.RunAsync((c, t) => RetentionRows.Delete(c, t, from, rows[^1], [.. ids[false].Select(g => g.Key)], superseded))
                .WaitAsync(cancellation).ConfigureAwait(false);
            from = rows[^1].Revision;
            deleted += rows.Count;
            await PauseAsync(start, cancellation).ConfigureAwait(false);
        }
    }

    // Client writes have priority: pause three times as long as the batch took.
    private Task PauseAsync(long start, CancellationToken cancellation)
    {
        var pause = time.GetElapsedTime(start) * 3;
        return Task.Delay(pause < MaxPause ? pause : MaxPause, time, cancellation);
    }

    private void Release(DbConnection connection)
    {
        try
        {
            table.Dialect.ReleaseRetention(connection);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // The connection is gone, and the lock with it.
        }
    }

    // Events of a kind that this program does not serve are kept.
    private ResourceDefinition? KindOf(string persistenceId) => registry.ByResource(persistenceId.Split('/')[0]);
}
