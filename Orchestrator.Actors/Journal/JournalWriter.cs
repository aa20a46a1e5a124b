using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;

namespace Orchestrator.Actors.Journal;

/// <summary>The one writer of a host: commits what has gathered as one transaction, stamps it, publishes it in journal order — together with
/// what other hosts committed in between — and acknowledges it. Chores run between batches, never beside one.</summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    private const int MaxBatch = 1_000;
    private const int MaxChores = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly JournalTable _table;
    private readonly ICommitSink? _sink;
    private readonly Task _loop;
    private readonly Task _listener;
    private IJournalAppender? _appender;
    private long _known;
    private bool _doubt;
    private bool _sent;

    /// <summary>Starts the writer. Whatever is committed after this call is published.</summary>
    public JournalWriter(JournalTable table, ICommitSink? sink)
    {
        _table = table;
        _sink = sink;
        _known = table.Head();
        _loop = Task.Run(LoopAsync);
        _listener = sink is null ? Task.CompletedTask : table.Dialect.ListenAsync(Wake, _stop.Token);
    }

    /// <summary>Learns the ids of what is written, beforehand.</summary>
    public KnownIds? Ids { get; init; }

    /// <summary>For how long a write that met a broken connection is tried again.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Stores the events, all or none. Completes when they are durable and published.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalOutcomeUnknownException">Nobody knows yet.</exception>
    /// <exception cref="DbException">The database refused the rows.</exception>
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
    public Task RunAsync(Action<DbConnection, DbTransaction> chore) => QueueAsync(new Chore(chore));

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
        var chores = new List<Chore>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            gathered.Clear();
            chores.Clear();
            for (var events = 0; events < MaxBatch && chores.Count < MaxChores && _queue.Reader.TryRead(out var job);)
            {
                switch (job)
                {
                    case Pending pending:
                        gathered.Add(pending);
                        events += pending.Entries.Count;
                        break;
                    case Chore chore:
                        chores.Add(chore);
                        break;
                    default:
                        _doubt = true;
                        break;
                }
            }

            await OneByOneIfNeededAsync(gathered, Store).ConfigureAwait(false);
            await OneByOneIfNeededAsync(chores, RunChores).ConfigureAwait(false);
            if (_doubt)
            {
                TryCatchUp();
            }
        }

        _appender?.Dispose();
    }

    // One job of the batch can be at fault: then each alone, so that only that one fails.
    private async Task OneByOneIfNeededAsync<T>(IReadOnlyList<T> jobs, Action<IReadOnlyList<T>> run) where T : Job
    {
        _sent = false;
        var error = jobs.Count == 0 ? null : Attempt(jobs, run);
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

    // A connection broke before a commit or after it. The rows themselves tell which; what is not there is stored now.
    private async Task SettleAsync(IReadOnlyList<Pending> writes, Exception error)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Patience && !_stop.IsCancellationRequested)
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

        Answer(writes, _sent ? new JournalOutcomeUnknownException(error)
            : new JournalUnavailableException($"The journal's database is away; nothing was stored: {error.Message}", error));
    }

    // Published before it is acknowledged, here too.
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
            // Whoever asked gets the error. A commit whose answer was lost may still have happened: look before publishing anything further.
            _doubt = true;
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
        if (_doubt)
        {
            CatchUp();
        }

        var entries = writes.Count == 1 ? writes[0].Entries : [.. writes.SelectMany(w => w.Entries)];
        var begun = Stopwatch.GetTimestamp();
        var appender = Appender();
        _sent = true;
        var others = appender.Append(entries, _known);
        Instruments.BatchSeconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        Instruments.Events.Add(entries.Count);
        Publish([.. others, .. entries.Select(e => e.Item)]);
    }

    private void RunChores(IReadOnlyList<Chore> chores)
    {
        using var transaction = Appender().Connection.BeginTransaction();
        foreach (var chore in chores)
        {
            chore.Work(Appender().Connection, transaction);
        }

        transaction.Commit();
    }

    private void TryCatchUp()
    {
        try
        {
            CatchUp();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException or TimeoutException)
        {
            // Still in doubt: the next batch or notice looks again.
            _appender?.Dispose();
            _appender = null;
        }
    }

    private void CatchUp()
    {
        // What is deleted cannot be published any more; a host that went on would act on objects that are gone.
        if (_sink is not null && RetentionRows.Read(Appender().Connection).Trimmed > _known)
        {
            throw new InvalidOperationException("This host was cut off from the journal for longer than events are kept. Restart it.");
        }

        List<Committed> page;
        do
        {
            page = JournalTable.ReadAfter(Appender().Connection, _known, MaxBatch);
            Publish(page);
        }
        while (page.Count == MaxBatch);
        _doubt = false;
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

    private abstract class Job
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Pending(IReadOnlyList<JournalEntry> entries) : Job
    {
        public IReadOnlyList<JournalEntry> Entries => entries;
    }

    private sealed class Chore(Action<DbConnection, DbTransaction> work) : Job
    {
        public Action<DbConnection, DbTransaction> Work => work;
    }

    private sealed class CatchUpDue
    {
        public static readonly CatchUpDue Instance = new();
    }
}
