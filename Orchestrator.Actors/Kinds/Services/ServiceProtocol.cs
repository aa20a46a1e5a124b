using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Sent by a node agent that keeps a copy of all services: when it starts, at intervals, and when it has missed something. Without an answer the copy is up to date.</summary>
/// <param name="Source">Who gave the copy; empty if there is none.</param>
/// <param name="Version">Version of the copy.</param>
public sealed record FollowServices(string Source, long Version) : IWireMessage;
