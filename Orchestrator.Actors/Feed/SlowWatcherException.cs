namespace Orchestrator.Actors.Feed;

/// <summary>Ends a watch whose reader leaves more changes unread than are kept for it: it lists again and watches from there.</summary>
public sealed class SlowWatcherException() : Exception("The watcher is too slow for the changes of this kind.");
