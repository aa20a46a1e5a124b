using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Sent by a node agent when it starts and at intervals. The reply repairs the loss of earlier messages.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Held">Revision of each pod that the agent knows, by uid.</param>
/// <param name="Installation">Id of the data directory of the agent's host. Only the same installation may take over the node after a restart.</param>
public sealed record AttachAgent(string Node, ImmutableDictionary<string, long> Held, string Installation) : IWireMessage;

/// <summary>Rejects an agent, because the node has a live agent on another host.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Why">The reason, and what to do.</param>
public sealed record AttachRefused(string Node, string Why) : IWireMessage;

/// <summary>Changes of the pods of a node, sent to its agent.</summary>
/// <param name="Changed">Pods bound to the node, in their latest state.</param>
/// <param name="Gone">Uids of pods that no longer exist or are not bound to the node.</param>
/// <param name="IsComplete">Whether these and the pods that the agent knows are all pods of the node. The agent
/// must remove all others.</param>
/// <param name="Reread">Uids of pods whose volumes show something that has changed.</param>
/// <param name="Doomed">PersistentVolumes of the node whose folder is to be deleted.</param>
/// <param name="PodCidr">The range of addresses of the node's pods, <c>spec.podCIDR</c>; null if it is not known or has not changed.</param>
/// <param name="Work">Claims, volumes, attachments and classes for which the agent is to call the controller service of a CSI driver.</param>
/// <param name="SecondPodCidr">The range of the other family; null if there is none, or <paramref name="PodCidr"/> is not said.</param>
public sealed record DesiredPods(
    ImmutableArray<KubeObject> Changed, ImmutableArray<string> Gone, bool IsComplete, ImmutableArray<string> Reread = default, ImmutableArray<KubeObject> Doomed = default,
    string? PodCidr = null, ImmutableArray<KubeObject> Work = default, string? SecondPodCidr = null) : IWireMessage;

/// <summary>A message to forward to a node's agent with the original sender. The reply is <see cref="NodeUnreachable"/> if no agent is attached.</summary>
public sealed record ToNode(string Node, object Message) : IWireMessage;

/// <summary>The reply when no agent of the node is attached.</summary>
public sealed record NodeUnreachable(string Node) : IWireMessage;

/// <summary>Asks an agent to open a container's log.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Container">Its name.</param>
/// <param name="Follow">Whether to wait for new output.</param>
/// <param name="IsPrevious">Whether to read the previous attempt of the container.</param>
/// <param name="TailLines">Number of lines from the end; null for all.</param>
/// <param name="Since">Time of the first line; null for the start of the log.</param>
/// <param name="HasTimestamps">Whether each line starts with a timestamp.</param>
/// <param name="LimitBytes">Maximum number of bytes; null for no limit.</param>
/// <param name="ContainerId">The attempt to read, as in the pod's status; null for the newest, or the one before if <paramref name="IsPrevious"/>.</param>
public sealed record OpenLog(string PodUid, string Container, bool Follow, bool IsPrevious, long? TailLines, DateTimeOffset? Since,
    bool HasTimestamps, long? LimitBytes, string? ContainerId = null) : IWireMessage;

/// <summary>The log is open. Send <see cref="NextLogChunk"/> to <paramref name="Session"/> to read it.</summary>
public sealed record LogOpened(IActorRef Session) : IWireMessage;

/// <summary>Asks for the next chunk of a log. The reply comes when there is one.</summary>
public sealed record NextLogChunk : IWireMessage;

/// <summary>A chunk of a log.</summary>
/// <param name="Bytes">Whole or partial lines; empty if nothing was written for a while (ask again).</param>
/// <param name="IsEnd">Whether the log ends here.</param>
/// <param name="Error">Why the log ended early; null if it did not.</param>
public sealed record LogChunk(byte[] Bytes, bool IsEnd, string? Error) : IWireMessage;

/// <summary>Asks for the tokens that the volumes of a pod show. Answered only if the pod is bound to the node, and the sender's host runs the node's agent.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Pod">Key of the pod.</param>
/// <param name="PodUid">Uid of the pod.</param>
public sealed record RequestPodTokens(string Node, ObjectKey Pod, string PodUid) : IWireMessage;

/// <summary>The tokens of a pod: one for each different source in its volumes.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Refusal">Why there are none; null if there are.</param>
public sealed record PodTokens(ImmutableArray<PodToken> Tokens, string? Refusal) : IWireMessage;

/// <summary>A token for the sources of a pod's volumes that ask for this audience and lifetime.</summary>
/// <param name="Audience">Audience in the spec; empty for the API server.</param>
/// <param name="Seconds">Lifetime in the spec.</param>
/// <param name="Text">The token. It is in no log: the text of this record leaves it out.</param>
/// <param name="Expires">When it expires.</param>
public sealed record PodToken(string Audience, long Seconds, string Text, DateTimeOffset Expires)
{
    /// <inheritdoc/>
    public override string ToString() => $"token until {Expires:u}";
}
