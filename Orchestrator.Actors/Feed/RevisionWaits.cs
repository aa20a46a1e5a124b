namespace Orchestrator.Actors.Feed;

/// <summary>Those who wait until the cache has reached a revision. A revision that nobody waits for any more is forgotten, because it may never come. Guarded by
/// the cache's lock.</summary>
/// <param name="gate">The cache's lock.</param>
internal sealed class RevisionWaits(Lock gate)
{
    private readonly SortedList<long, Wait> _waits = [];

    /// <summary>Waits for a revision. Call it with the lock held.</summary>
    public Task AddAsync(long revision, CancellationToken cancellation)
    {
        if (!_waits.TryGetValue(revision, out var wait))
        {
            _waits[revision] = wait = new Wait();
        }

        wait.Readers++;
        return cancellation.CanBeCanceled ? WaitAsync(revision, wait, cancellation) : wait.Reached.Task;
    }

    /// <summary>Ends the waits for revisions up to one. Call it with the lock held.</summary>
    public void Reached(long revision)
    {
        while (_waits.Count > 0 && _waits.GetKeyAtIndex(0) <= revision)
        {
            _waits.GetValueAtIndex(0).Reached.TrySetResult();
            _waits.RemoveAt(0);
        }
    }

    /// <summary>Fails all waits. Call it with the lock held.</summary>
    public void Fail(Exception fault)
    {
        foreach (var wait in _waits.Values)
        {
            wait.Reached.TrySetException(fault);
        }

        _waits.Clear();
    }

    private async Task WaitAsync(long revision, Wait wait, CancellationToken cancellation)
    {
        try
        {
            await wait.Reached.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (gate)
            {
                if (--wait.Readers == 0 && _waits.GetValueOrDefault(revision) == wait)
                {
                    _waits.Remove(revision);
                }
            }

            throw;
        }
    }

    private sealed class Wait
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Readers { get; set; }
    }
}
