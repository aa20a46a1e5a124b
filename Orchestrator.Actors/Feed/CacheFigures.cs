namespace Orchestrator.Actors.Feed;

/// <summary>Figures about the state of the cache, for metrics.</summary>
/// <param name="Revision">The revision up to which it has applied the journal.</param>
/// <param name="Lag">Number of committed revisions that are not applied yet.</param>
/// <param name="Changes">Number of changes of objects from which watches can resume.</param>
/// <param name="EventChanges">Number of changes of Kubernetes Events from which watches can resume.</param>
/// <param name="Watches">Number of open watches.</param>
/// <param name="LaggingWatches">Number of open watches with many unread batches. A watch with too many is closed.</param>
/// <param name="Unreadable">Number of objects with an event that cannot be applied.</param>
public sealed record CacheFigures(long Revision, long Lag, int Changes, int EventChanges, int Watches, int LaggingWatches, int Unreadable);
