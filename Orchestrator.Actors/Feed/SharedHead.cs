namespace Orchestrator.Actors.Feed;

/// <summary>Asks for the journal's head: one question serves all who came before it was put.</summary>
internal sealed class SharedHead(Func<Task<long>> read)
{
    private readonly Lock _gate = new();
    private Task<long>? _running;
    private Task<long>? _next;

    /// <summary>A head that is read after this call.</summary>
    public Task<long> ReadAsync()
    {
        lock (_gate)
        {
            return _running is { IsCompleted: false } ? _next ??= AfterAsync(_running) : _running = read();
        }
    }

    private async Task<long> AfterAsync(Task former)
    {
        await former.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task<long> mine;
        lock (_gate)
        {
            _running = mine = read();
            _next = null;
        }

        return await mine.ConfigureAwait(false);
    }
}
