using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Feed.Checkpoints;

/// <summary>Fills the cache at the start of a host: from a checkpoint and the events after it, or from the whole journal.</summary>
public static class CacheStartup
{
    /// <summary>Fills and starts the cache.</summary>
    /// <param name="cache">An empty cache.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="folder">Folder of this host's checkpoints.</param>
    /// <param name="every">Number of events between two checkpoints; 0 makes and uses none.</param>
    /// <param name="report">Receives a sentence when a checkpoint cannot be used or made. Called on any thread.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <returns>The loop that makes checkpoints from now on; null if none are made.</returns>
    public static async Task<CheckpointLoop?> RunAsync(ObjectCache cache, JournalTable journal, string folder, long every, Action<string> report, CancellationToken cancellation)
    {
        using var replay = journal.OpenReplay();
        var store = new CheckpointStore(folder, CheckpointStore.ThisBuild);
        var state = every == 0 ? null : store.Load(replay.Begin, replay.Head, replay.DigestOf, cache.Registry, report);
        if (state is null)
        {
            cache.Restore(replay.Begin, replay.Objects(cache.Registry));
        }
        else
        {
            cache.Restore(state);
            replay.SkipTo(state.Revision);
        }

        await cache.StartAsync(replay.EventsAsync(cancellation), cancellation).ConfigureAwait(false);
        return every == 0 ? null : new CheckpointLoop(cache, store, journal, state?.Revision ?? replay.Begin, every, report);
    }
}
