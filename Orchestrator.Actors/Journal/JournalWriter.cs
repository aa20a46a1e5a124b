using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;

namespace Orchestrator.Actors.Journal;

/// <summary>The only writer of a host. It commits the queued writes in one transaction, sets their revisions, publishes them in journal order together
/// with the commits of other hosts in between, and acknowledges them. Maintenance jobs run between batches, never concurrently with one.</summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    private static readonly TimeSpan TroubleCounts = TimeSpan.FromSeconds(15);
    private const int MaxBatch = 1_000;
    private const int MaxMaintenanceJobs = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly JournalTable _table;
    private readonly ICommitSink? _sink;
    private readonly Task _loop;
    private readonly Task _listener;
    private IJournalAppender? _appender;
    private long _known;
    private bool _needsCatchUp;
    private bool _sent;
    private volatile WriteTrouble? _trouble;
    private volatile string? _away;

    /// <summary>Starts the writer. Every commit after this call is published.</summary>
    public JournalWriter(JournalTable table, ICommitSink? sink)
    {
        _table = table;
        _sink = sink;
        _known = table.Head();
        _loop = Task.Run(LoopAsync);
        _listener = sink is null ? Task.CompletedTask : table.Dialect.ListenAsync(Wake, reason => _away = reason, _stop.Token);
    }

    /// <summary>Receives the persistence id of every write before it is stored.</summary>
    public KnownIds? Ids { get; init; }

    /// <summary>Why writes cannot be stored; null if they can, as far as is known. That a write failed counts for a while only: the next one tells.</summary>
    public string? Trouble => _trouble is { } trouble && Stopwatch.GetElapsedTime(trouble.At) < TroubleCounts ? trouble.Text
        : _away is { } reason ? $"the journal's database cannot be reached: {reason}" : null;

    /// <summary>Time for which a write is retried after its connection broke. Default 5 s.</summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Stores the events, all or none. Completes once they are durable and published.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalOutcomeUnknownException">The commit was sent but not answered; the events may or may not be stored.</exception>
    /// <exception cref="DbException">The database rejected the rows.</exception>
    public Task AppendAsync(IReadOnlyList<JournalEntry> entries)
    {
        if (entries.Count == 0)
        {
            return Task.CompletedTask;
        }

        foreach (var entry in entries)
        {
            Ids?.Add(entry.Item.PersistenceId);
        }

        return QueueAsync(new Pending(entries));
    }

    /// <summary>Runs a short change in a transaction between batches.</summary>
    public Task RunAsync(Action<DbConnection, DbTransaction> work) => QueueAsync(new MaintenanceJob(work));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await _listener.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private Task QueueAsync(Job job)
    {
        if (!_queue.Writer.TryWrite(job))
        {
            job.Done.TrySetException(new JournalUnavailableException("The journal is stopping; nothing was stored."));
        }

        return job.Done.Task;
    }

    private void Wake(long head)
    {
        if (head > Volatile.Read(ref _known))
        {
            _queue.Writer.TryWrite(CatchUpDue.Instance);
        }
    }

    private async Task LoopAsync()
    {
        var gathered = new List<Pending>();
        var maintenance = new List<MaintenanceJob>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            gathered.Clear();
            maintenance.Clear();
            for (var events = 0; events < MaxBatch && maintenance.Count < MaxMaintenanceJobs && _queue.Reader.TryRead(out var job);)
            {
                switch (job)
                {
                    case Pending pending:
                        gathered.Add(pending);
                        events += pending.Entries.Count;
                        break;
                    case MaintenanceJob maintenanceJob:
                        maintenance.Add(maintenanceJob);
                        break;
                    default:
                        _needsCatchUp = true;
                        break;
                }
            }

            await OneByOneIfNeededAsync(gathered, Store).ConfigureAwait(false);
            await OneByOneIfNeededAsync(maintenance, RunMaintenance).ConfigureAwait(false);
            if (_needsCatchUp)
            {
                TryCatchUp();
            }
        }

        _appender?.Dispose();
    }

    // If one job of a batch is rejected, run each alone so that only that one fails.
    private async Task OneByOneIfNeededAsync<T>(IReadOnlyList<T> jobs, Action<IReadOnlyList<T>> run) where T : Job
    {
        _sent = false;
        var error = jobs.Count == 0 ? null : Attempt(jobs, run);
        if (error is not null && _table.Dialect.IsFull(error))
        {
            // A retry would only delay the error: an operator has to free space.
            _trouble = new WriteTrouble("the disk of the journal is full; free space on it", Stopwatch.GetTimestamp());
            JournalInstruments.IsFull(true);
            Answer(jobs, new JournalFullException(error));
            return;
        }

        if (error is JournalMovedException moved)
        {
            _trouble = new WriteTrouble(moved.Message, Stopwatch.GetTimestamp());
            Answer(jobs, moved);
            return;
        }

        if (error is null && jobs.Count > 0)
        {
            Recovered();
        }

        if (error is null || !_table.Dialect.IsRowsFault(error))
        {
            await (error is not null && jobs is IReadOnlyList<Pending> writes ? SettleAsync(writes, error) : AnswerAsync(jobs, error)).ConfigureAwait(false);
            return;
        }

        if (jobs.Count == 1)
        {
            Answer(jobs, error);
            return;
        }

        foreach (var job in jobs)
        {
            await OneByOneIfNeededAsync([job], run).ConfigureAwait(false);
        }
    }

    private void Recovered()
    {
        if (_trouble is not null)
        {
            _trouble = null;
            JournalInstruments.IsFull(false);
        }
    }

    // The connection broke before or after the commit. Look for the rows: acknowledge those that are stored, store the others again.
    private async Task SettleAsync(IReadOnlyList<Pending> writes, Exception error)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < RetryTimeout && !_stop.IsCancellationRequested)
        {
            await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_sent)
            {
                IReadOnlyList<Pending> stored = [];
                if (Attempt<Pending>(writes, all => stored = Stored(all)) is { } away)
                {
                    error = away;
                    continue;
                }

                Answer(stored, null);
                writes = [.. writes.Except(stored)];
                _sent = false;
            }

            if (writes.Count == 0 || Attempt(writes, Store) is not { } again)
            {
                Recovered();
                Answer(writes, null);
                return;
            }

            if (_table.Dialect.IsRowsFault(again))
            {
                await OneByOneIfNeededAsync(writes, Store).ConfigureAwait(false);
                return;
            }

            error = again;
        }

        _trouble = new WriteTrouble($"the journal's database does not store writes: {error.Message}", Stopwatch.GetTimestamp());
        Answer(writes, _sent ? new JournalOutcomeUnknownException(error)
            : new JournalUnavailableException($"The journal's database is unavailable; nothing was stored: {error.Message}", error));
    }

    // Publishes before it acknowledges, as an append does.
    private IReadOnlyList<Pending> Stored(IReadOnlyList<Pending> writes)
    {
        List<Pending> stored;
        using (var transaction = Appender().Connection.BeginTransaction())
        {
            _table.Dialect.LockAppends(Appender().Connection);
            stored = [.. writes.Where(w => w.Entries.All(IsStored))];
        }

        CatchUp();
        return stored;
    }

    private bool IsStored(JournalEntry entry)
    {
        using var command = JournalTable.Command(Appender().Connection, "SELECT ordering, message FROM journal WHERE persistence_id = @id AND sequence_number = @nr",
            ("id", entry.Item.PersistenceId), ("nr", entry.Item.SequenceNr));
        using var reader = command.ExecuteReader();
        if (!reader.Read() || !reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(entry.Payload))
        {
            return false;
        }

        entry.Item.Event.Revision = reader.GetInt64(0);
        return true;
    }

    private static Task AnswerAsync(IReadOnlyList<Job> jobs, Exception? error)
    {
        Answer(jobs, error);
        return Task.CompletedTask;
    }

    private Exception? Attempt<T>(IReadOnlyList<T> jobs, Action<IReadOnlyList<T>> run)
    {
        try
        {
            run(jobs);
            return null;
        }
        catch (Exception e)
        {
            // The caller gets the error. The commit may have happened although its answer was lost: read the journal before anything else is published.
            _needsCatchUp = true;
            _sent &= !_table.Dialect.IsRefusal(e);
            if (!_table.Dialect.IsRowsFault(e))
            {
                _appender?.Dispose();
                _appender = null;
            }

            return e;
        }
    }

    private static void Answer(IReadOnlyList<Job> jobs, Exception? error)
    {
        if (error is not null && jobs is IReadOnlyList<Pending> writes)
        {
            JournalInstruments.Failed(writes.Count, error);
        }

        foreach (var job in jobs)
        {
            if (error is null)
            {
                job.Done.TrySetResult();
            }
            else
            {
                job.Done.TrySetException(error);
            }
        }
    }

    private void Store(IReadOnlyList<Pending> writes)
    {
        if (_needsCatchUp)
        {
            CatchUp();
        }

        var entries = writes.Count == 1 ? writes[0].Entries : [.. writes.SelectMany(w => w.Entries)];
        var begun = Stopwatch.GetTimestamp();
        var appender = Appender();
        _sent = true;
        var others = appender.Append(entries, _known);
        JournalInstruments.BatchSeconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        JournalInstruments.Events.Add(entries.Count);
        Publish([.. others, .. entries.Select(e => e.Item)]);
    }

    private void RunMaintenance(IReadOnlyList<MaintenanceJob> maintenance)
    {
        using var transaction = Appender().Connection.BeginTransaction();
        foreach (var job in maintenance)
        {
            job.Work(Appender().Connection, transaction);
        }

        transaction.Commit();
    }

    private void TryCatchUp()
    {
        try
        {
            CatchUp();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException or TimeoutException or FormatException or System.Text.Json.JsonException)
        {
            // The next batch or notification retries.
            _appender?.Dispose();
            _appender = null;
        }
    }

    private void CatchUp()
    {
        // Compacted events can no longer be published; a host that continued would act on deleted objects.
        if (_sink is not null && RetentionRows.Read(Appender().Connection).Compacted > _known)
        {
            throw new InvalidOperationException("Events that this host has not read were compacted while it was disconnected from the journal. Restart it.");
        }

        List<Committed> page;
        do
        {
            page = JournalTable.ReadAfter(Appender().Connection, _known, MaxBatch);
            Publish(page);
        }
        while (page.Count == MaxBatch);
        _needsCatchUp = false;
    }

    private void Publish(IReadOnlyList<Committed> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        Volatile.Write(ref _known, batch[^1].Event.Revision);
        _sink?.Publish(batch);
    }

    private IJournalAppender Appender() => _appender ??= _table.Dialect.OpenAppender();

    private sealed record WriteTrouble(string Text, long At);

    private abstract class Job
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Pending(IReadOnlyList<JournalEntry> entries) : Job
    {
        public IReadOnlyList<JournalEntry> Entries => entries;
    }

    private sealed class MaintenanceJob(Action<DbConnection, DbTransaction> work) : Job
    {
        public Action<DbConnection, DbTransaction> Work => work;
    }

    private sealed class CatchUpDue
    {
        public static readonly CatchUpDue Instance = new();
    }
}
