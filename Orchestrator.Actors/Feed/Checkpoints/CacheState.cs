using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Feed.Checkpoints;

/// <summary>Everything that the cache holds at one revision.</summary>
/// <param name="Revision">The journal is applied up to here.</param>
/// <param name="Objects">All stored objects by resource. Resources whose objects define kinds come first.</param>
/// <param name="RecordedEvents">The Event objects made from journal events, oldest first.</param>
/// <param name="Unreadable">Objects with an event that cannot be applied.</param>
internal sealed record CacheState(long Revision, IReadOnlyList<ResourceObjects> Objects, IReadOnlyList<KubeObject> RecordedEvents, IReadOnlyList<UnreadableEvent> Unreadable)
{
    /// <summary>An empty cache at the beginning of a journal.</summary>
    public static readonly CacheState Empty = new(0, [], [], []);
}

/// <summary>The objects of one resource.</summary>
/// <param name="Resource">Resource name, such as <c>deployments.apps</c>.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Objects">Its objects.</param>
internal sealed record ResourceObjects(string Resource, int Count, IEnumerable<KubeObject> Objects);
