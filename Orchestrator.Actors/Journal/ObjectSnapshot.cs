namespace Orchestrator.Actors.Journal;

/// <summary>An entity's state, so that recovery need not read the whole history.</summary>
/// <param name="Json">The object's canonical JSON; empty when it is deleted.</param>
/// <param name="Revision">Revision of the last event folded in.</param>
public sealed record ObjectSnapshot(string Json, long Revision);
