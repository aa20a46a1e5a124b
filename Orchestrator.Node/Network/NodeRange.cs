using System.Net;

namespace Orchestrator.Node.Network;

/// <summary>Where the pods of another node are.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Range">Addresses of its pods.</param>
/// <param name="Host">Address of its host.</param>
internal sealed record NodeRange(string Node, IPNetwork Range, IPAddress Host);
