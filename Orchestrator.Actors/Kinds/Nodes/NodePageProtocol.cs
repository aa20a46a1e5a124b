using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Asks an agent for a page of its node, as the kubelet's own server has them. The reply is <see cref="NodePage"/>.</summary>
/// <param name="Path">Path of the page, such as <c>/stats/summary</c>.</param>
/// <param name="Query">What follows it, with its question mark; empty for nothing.</param>
public sealed record GetNodePage(string Path, string Query) : IWireMessage;

/// <summary>A page of a node.</summary>
/// <param name="Status">Status code of HTTP.</param>
/// <param name="ContentType">Type of the body.</param>
/// <param name="Body">At most 8 MiB.</param>
public sealed record NodePage(int Status, string ContentType, byte[] Body) : IWireMessage;
