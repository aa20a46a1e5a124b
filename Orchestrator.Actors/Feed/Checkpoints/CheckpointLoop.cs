using System.Threading.Channels;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Feed.Checkpoints;

/// <summary>Makes a checkpoint of the cache whenever enough events were applied since the last one. It reads immutable snapshots, so neither writes nor
/// readers wait for it.</summary>
public sealed class CheckpointLoop : IAsyncDisposable
{
    private readonly ObjectCache _cache;
    private readonly CheckpointStore _store;
    private readonly JournalTable _journal;
    private readonly long _every;
    private readonly Action<string> _report;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly IDisposable _listening;
    private readonly Task _loop;
    private long _last;

    /// <summary>Starts the loop.</summary>
    /// <param name="cache">The cache, after its start.</param>
    /// <param name="store">Where checkpoints are kept.</param>
    /// <param name="journal">The journal of the cache.</param>
    /// <param name="last">Revision of the checkpoint from which the cache started; 0 without one.</param>
    /// <param name="every">Number of events between two checkpoints.</param>
    /// <param name="report">Receives a sentence when a checkpoint could not be made.</param>
    internal CheckpointLoop(ObjectCache cache, CheckpointStore store, JournalTable journal, long last, long every, Action<string> report)
    {
        (_cache, _store, _journal, _last, _every, _report) = (cache, store, journal, last, every, report);
        _listening = cache.Listen(batch => Consider(batch.Revision));
        _loop = Task.Run(RunAsync);
        Consider(cache.Revision);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listening.Dispose();
        _due.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Consider(long revision)
    {
        if (revision - Volatile.Read(ref _last) >= _every)
        {
            _due.Writer.TryWrite(true);
        }
    }

    private async Task RunAsync()
    {
        await foreach (var _ in _due.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            var state = _cache.Capture();
            if (_stop.IsCancellationRequested || state.Revision - _last < _every)
            {
                continue;
            }

            try
            {
                if (_journal.DigestOf(state.Revision) is { } row)
                {
                    _store.Save(row, state, _stop.Token);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Data.Common.DbException or InvalidOperationException)
            {
                _report($"No checkpoint was made at revision {state.Revision}; a restart would take longer: {e.Message}");
            }

            // After a failure, too: the next one is due after as many events.
            Volatile.Write(ref _last, state.Revision);
        }
    }
}
