using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;

namespace Orchestrator.Actors.Journal;

/// <summary>The plugin's journal with its writing and reading replaced: one writer commits what has gathered as one transaction,
/// stamps every event with its <c>ordering</c> and hands the batch to the feed before acknowledging it.</summary>
public sealed class RevisionJournal : SqlWriteJournal
{
    private const int MaxBatch = 1_000;
    private readonly Channel<PendingWrite> _queue = Channel.CreateUnbounded<PendingWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly JournalTable _table;
    private readonly ICommitSink? _sink;

    /// <summary>Made by Akka from the plugin's configuration.</summary>
    public RevisionJournal(Config journalConfig) : base(journalConfig)
    {
        _table = new JournalTable(journalConfig.GetString("connection-string"));
        _sink = Context.System.Settings.Setup.Get<RevisionJournalSetup>() is { HasValue: true } setup ? setup.Value.Sink : null;
        _ = Task.Run(WriteLoopAsync);
    }

    /// <inheritdoc/>
    public override async Task ReplayMessagesAsync(IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr,
        long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        foreach (var stored in await Task.Run(() => _table.ReadObject(persistenceId, fromSequenceNr, toSequenceNr, max)).ConfigureAwait(false))
        {
            recoveryCallback(new Persistent(stored.Event, stored.SequenceNr, stored.PersistenceId, stored.Event.Manifest));
        }
    }

    /// <inheritdoc/>
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        Task.Run(() => _table.HighestSequenceNr(persistenceId), cancellationToken);

    /// <inheritdoc/>
    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var write = new PendingWrite([.. messages]);
        if (!_queue.Writer.TryWrite(write))
        {
            write.Done.TrySetException(new InvalidOperationException("The journal is stopping; nothing was stored."));
        }

        return write.Done.Task;
    }

    /// <inheritdoc/>
    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        Task.Run(() => _table.DeleteTo(persistenceId, toSequenceNr), cancellationToken);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _queue.Writer.TryComplete();
        base.PostStop();
    }

    private async Task WriteLoopAsync()
    {
        var gathered = new List<PendingWrite>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            gathered.Clear();
            for (var events = 0; events < MaxBatch && _queue.Reader.TryRead(out var write); events += write.Events.Count)
            {
                gathered.Add(write);
            }

            if (!Commit(gathered))
            {
                // One write of the batch is at fault: each alone, so that only that one fails.
                foreach (var write in gathered)
                {
                    Commit([write]);
                }
            }
        }

        _table.Dispose();
    }

    private bool Commit(IReadOnlyList<PendingWrite> writes)
    {
        try
        {
            var begun = Stopwatch.GetTimestamp();
            var committed = _table.Append(writes.SelectMany(w => w.Events));
            Instruments.BatchSeconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            Instruments.Events.Add(committed.Count);
            _sink?.Publish(committed);
        }
        catch (Exception e) when (e is Microsoft.Data.Sqlite.SqliteException or InvalidOperationException or InvalidCastException)
        {
            if (writes.Count > 1)
            {
                return false;
            }

            foreach (var write in writes)
            {
                write.Done.TrySetException(e);
            }

            return true;
        }

        foreach (var write in writes)
        {
            write.Done.TrySetResult(write.NoErrors);
        }

        return true;
    }

    private sealed class PendingWrite(ImmutableArray<AtomicWrite> writes)
    {
        public IReadOnlyList<Committed> Events { get; } =
        [
            .. writes.SelectMany(w => (IImmutableList<IPersistentRepresentation>)w.Payload)
                .Select(p => new Committed(p.PersistenceId, p.SequenceNr, (ObjectEvent)p.Payload)),
        ];

        /// <summary>One null for each atomic write: all are stored.</summary>
        public IImmutableList<Exception> NoErrors { get; } = ImmutableArray.CreateRange(new Exception[writes.Length]);

        public TaskCompletionSource<IImmutableList<Exception>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
