namespace Orchestrator.Actors.Feed;

/// <summary>Reads the journal's current revision. Callers that wait at the same time share one read that began after they called.</summary>
internal sealed class CurrentRevisionReader(Func<Task<long>> read)
{
    private readonly Lock _gate = new();
    private Task<long>? _running;
    private Task<long>? _next;

    /// <summary>The current revision, from a read that begins no earlier than this call.</summary>
    public Task<long> ReadAsync()
    {
        lock (_gate)
        {
            return _running is { IsCompleted: false } ? _next ??= AfterAsync(_running) : _running = read();
        }
    }

    private async Task<long> AfterAsync(Task former)
    {
        // What follows never runs inside of ReadAsync, also if the former read ends just now: it would forget the next read before that is kept, and a read
        // that is kept for ever answers with an ever older revision.
        await former.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<long> mine;
        lock (_gate)
        {
            _running = mine = read();
            _next = null;
        }

        return await mine.ConfigureAwait(false);
    }
}
