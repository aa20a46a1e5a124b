using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Sent by a node agent that serves Ingresses: when it starts, at intervals, and when it has missed something. Without an answer its copy is up to date.</summary>
/// <param name="At">How far the copy is.</param>
public sealed record FollowIngresses(FeedPosition At) : IWireMessage;
