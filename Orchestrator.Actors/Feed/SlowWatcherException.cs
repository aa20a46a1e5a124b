namespace Orchestrator.Actors.Feed;

/// <summary>Ends a watch whose reader has too many unread changes. The client must list again and watch from there.</summary>
public sealed class SlowWatcherException() : Exception("The watcher is too slow for the changes of this kind.");
