using System.Collections.Immutable;
using System.Net;

namespace Orchestrator.Node.Network;

/// <summary>Where the pods of another node are.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Ranges">Addresses of its pods, those by which they are known first.</param>
/// <param name="Hosts">Addresses of its host.</param>
internal sealed record NodeRange(string Node, ImmutableArray<IPNetwork> Ranges, ImmutableArray<IPAddress> Hosts);
