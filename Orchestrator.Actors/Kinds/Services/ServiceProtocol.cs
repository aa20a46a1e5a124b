using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Sent by a node agent that keeps a copy of all services: when it starts, at intervals, and when it has missed something. Without an answer the copy is up to date.</summary>
/// <param name="At">How far the copy is.</param>
public sealed record FollowServices(FeedPosition At) : IWireMessage;
