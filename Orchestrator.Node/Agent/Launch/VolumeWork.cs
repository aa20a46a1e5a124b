namespace Orchestrator.Node.Agent.Launch;

/// <summary>Awaits for a limited time what looks at the volumes of one pod, which hangs in the kernel while the server of a file system is away.</summary>
/// <param name="bound">The limit.</param>
/// <param name="time">The clock.</param>
internal sealed class VolumeWork(TimeSpan bound, TimeProvider time)
{
    private Task _last = Task.CompletedTask;

    /// <summary>Runs some work on a thread of its own. One call at a time.</summary>
    /// <exception cref="VolumeException">It takes too long.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        try
        {
            // What hangs keeps its thread and cannot be cancelled. The next try waits for it, and does not hang beside it.
            await _last.WaitAsync(bound, time, cancellation).ConfigureAwait(false);
            var running = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _last = running.ContinueWith(r => r.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return await running.WaitAsync(bound, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new VolumeException($"the volumes of the pod have not answered for {bound.TotalMinutes:0} minutes: see whether the servers of remote ones can be reached from this node");
        }
    }
}
