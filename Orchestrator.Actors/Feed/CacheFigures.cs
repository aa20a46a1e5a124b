namespace Orchestrator.Actors.Feed;

/// <summary>The state of the cache in figures.</summary>
/// <param name="Revision">The revision up to which it has applied the journal.</param>
/// <param name="Lag">Revisions that were committed and are not applied yet.</param>
/// <param name="Changes">Changes of objects from which watches can resume.</param>
/// <param name="EventChanges">Changes of Kubernetes Events from which watches can resume.</param>
/// <param name="Watches">Open watches.</param>
/// <param name="LaggingWatches">Open watches with many batches that their client has not taken. With too many they end.</param>
/// <param name="Unreadable">Objects with an event that this program cannot apply.</param>
public sealed record CacheFigures(long Revision, long Lag, int Changes, int EventChanges, int Watches, int LaggingWatches, int Unreadable);
