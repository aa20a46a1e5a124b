using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;

namespace Orchestrator.Actors.Journal;

/// <summary>The plugin's journal with its own writes and reads: events go through the host's writer, which sets the revision of
/// every event to its <c>ordering</c> and publishes the batch to the feed before acknowledging it.</summary>
public sealed class RevisionJournal : SqlWriteJournal
{
    private static readonly IImmutableList<Exception?> OneStored = [null];
    private static readonly Task<long> NoneStored = Task.FromResult(0L);
    private readonly JournalAccess _access;

    /// <summary>Created by Akka from the configuration of the plugin.</summary>
    public RevisionJournal(Config journalConfig) : base(journalConfig) => _access = JournalAccess.Of(Context.System);

    /// <inheritdoc/>
    public override async Task ReplayMessagesAsync(IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr,
        long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        var events = await Task.Run(() => _access.Table.ReadObject(persistenceId, fromSequenceNr, toSequenceNr, max)).ConfigureAwait(false);
        if (max > 0 && (events.Count == 0 || events[0].SequenceNr != fromSequenceNr)
            && await Task.Run(() => _access.Table.LoadSnapshot(persistenceId, new SnapshotSelectionCriteria(toSequenceNr))).ConfigureAwait(false) is { } newer
            && newer.SequenceNr >= fromSequenceNr)
        {
            throw new InvalidOperationException($"{persistenceId} was read while its events were compacted; its snapshot of {newer.SequenceNr} has them.");
        }

        foreach (var stored in events)
        {
            recoveryCallback(new Persistent(stored.Event, stored.SequenceNr, stored.PersistenceId, stored.Event.Manifest));
        }
    }

    /// <inheritdoc/>
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        !_access.MayHave(persistenceId) && fromSequenceNr <= 0 ? NoneStored : Task.Run(
            () => _access.Table.HighestSequenceNr(persistenceId) is var highest && highest >= fromSequenceNr ? highest
                : throw new InvalidOperationException($"{persistenceId} was read while it was compacted; it no longer exists."),
            cancellationToken);

    /// <inheritdoc/>
    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var entries = new List<JournalEntry>();
        var rejections = ImmutableList.CreateBuilder<Exception?>();
        foreach (var write in messages)
        {
            rejections.Add(Encode(write, entries));
        }

        await _access.Writer.AppendAsync(entries).ConfigureAwait(false);
        return (rejections.Count == 1 && rejections[0] is null ? OneStored : rejections.ToImmutable())!;
    }

    /// <inheritdoc/>
    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        _access.Writer.RunAsync((connection, transaction) => JournalTable.DeleteTo(connection, transaction, persistenceId, toSequenceNr));

    // An atomic write is stored whole or not at all.
    private static Exception? Encode(AtomicWrite write, List<JournalEntry> entries)
    {
        var events = (IImmutableList<IPersistentRepresentation>)write.Payload;
        var start = entries.Count;
        try
        {
            foreach (var p in events)
            {
                var e = p.Payload as ObjectEvent ?? throw new ArgumentException($"{p.PersistenceId} persists a {p.Payload.GetType().Name}; the journal takes object events only.");
                entries.Add(JournalEntry.Of(new Committed(p.PersistenceId, p.SequenceNr, e)));
            }

            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException or System.Text.Json.JsonException)
        {
            entries.RemoveRange(start, entries.Count - start);
            return e;
        }
    }
}
