using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Sent by a node agent that serves Ingresses: when it starts, at intervals, and when it has missed something. Without an answer its copy is up to date.</summary>
/// <param name="Source">Who gave the copy; empty if there is none.</param>
/// <param name="Version">Version of the copy.</param>
public sealed record FollowIngresses(string Source, long Version) : IWireMessage;
