using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent;

/// <summary>Told to the agent by parts of it that look after pods: an Event of a pod.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Event">The event.</param>
internal sealed record PodNotice(string PodUid, RecordedEvent Event);
