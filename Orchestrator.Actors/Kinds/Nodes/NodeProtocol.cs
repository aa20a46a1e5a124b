using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>A node's agent presents itself, and again at intervals: the answer repairs whatever got lost on the way.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Held">Revision by uid of the pods that the agent holds.</param>
/// <param name="Installation">The agent's host: a restarted one takes its node over, a stranger does not.</param>
public sealed record AttachAgent(string Node, ImmutableDictionary<string, long> Held, string Installation) : IWireMessage;

/// <summary>The node has an agent that lives, on another host.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Why">What is wrong and what to do, in a sentence.</param>
public sealed record AttachRefused(string Node, string Why) : IWireMessage;

/// <summary>What changed for a node's agent.</summary>
/// <param name="Changed">Pods bound to the node, newest state.</param>
/// <param name="Gone">Uids of pods that no longer exist, or are not the node's.</param>
/// <param name="IsComplete">Whether, with what the agent said it holds, this is everything: what else runs is an orphan.</param>
public sealed record DesiredPods(ImmutableArray<KubeObject> Changed, ImmutableArray<string> Gone, bool IsComplete) : IWireMessage;

/// <summary>A message for a node's agent, passed on with the asker as sender; answered with <see cref="NodeUnreachable"/> if none is attached.</summary>
public sealed record ToNode(string Node, object Message) : IWireMessage;

/// <summary>No agent of that node is attached.</summary>
public sealed record NodeUnreachable(string Node) : IWireMessage;

/// <summary>Asks an agent for a container's log.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Container">Its name.</param>
/// <param name="Follow">Goes on with what is written.</param>
/// <param name="IsPrevious">The attempt before the current one.</param>
/// <param name="TailLines">Null for all.</param>
/// <param name="Since">Null for from the start.</param>
/// <param name="HasTimestamps">A time before each line.</param>
/// <param name="LimitBytes">Null for no limit.</param>
public sealed record OpenLog(string PodUid, string Container, bool Follow, bool IsPrevious, long? TailLines, DateTimeOffset? Since,
    bool HasTimestamps, long? LimitBytes) : IWireMessage;

/// <summary>The log is open: ask <paramref name="Session"/> for chunks with <see cref="NextLogChunk"/>.</summary>
public sealed record LogOpened(IActorRef Session) : IWireMessage;

/// <summary>Asks for the next piece of a log: answered when there is one.</summary>
public sealed record NextLogChunk : IWireMessage;

/// <summary>A piece of a log.</summary>
/// <param name="Bytes">Whole lines or parts of them; empty when nothing came for a while (ask again).</param>
/// <param name="IsEnd">Nothing follows.</param>
/// <param name="Error">Why it ended early; null otherwise.</param>
public sealed record LogChunk(byte[] Bytes, bool IsEnd, string? Error) : IWireMessage;
