using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Snapshot;

namespace Orchestrator.Actors.Journal;

/// <summary>The plugin's snapshot store. It loads with prepared SQL and saves through the host's writer, so that snapshots
/// neither compete with batches for the database nor sync one by one.</summary>
public sealed class RevisionSnapshotStore : SqlSnapshotStore
{
    private readonly JournalAccess _access;

    /// <summary>Created by Akka from the configuration of the plugin.</summary>
    public RevisionSnapshotStore(Config config) : base(config) => _access = JournalAccess.Of(Context.System);

    /// <inheritdoc/>
    protected override async Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        if (!_access.MayHave(persistenceId))
        {
            return null;
        }

        var stored = await Task.Run(() => _access.Table.LoadSnapshot(persistenceId, criteria), cancellationToken).ConfigureAwait(false);
        return stored is null ? null : new SelectedSnapshot(new SnapshotMetadata(persistenceId, stored.SequenceNr, stored.Created), stored.Snapshot);
    }

    /// <inheritdoc/>
    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        var row = new StoredSnapshot(metadata.PersistenceId, metadata.SequenceNr, metadata.Timestamp,
            snapshot as ObjectSnapshot ?? throw new ArgumentException($"{metadata.PersistenceId} saves a {snapshot.GetType().Name}; the store takes object snapshots only.", nameof(snapshot)));
        _access.Expect(metadata.PersistenceId);
        return _access.Writer.RunAsync((connection, transaction) => SnapshotRows.Save(connection, transaction, row));
    }

    /// <inheritdoc/>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) =>
        _access.Writer.RunAsync((connection, transaction) => SnapshotRows.Delete(connection, transaction, metadata));

    /// <inheritdoc/>
    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        _access.Writer.RunAsync((connection, transaction) => SnapshotRows.Delete(connection, transaction, persistenceId, criteria));
}
