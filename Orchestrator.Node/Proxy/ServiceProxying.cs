using System.Collections.Immutable;
using System.Net;
using Orchestrator.Node.Dns;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Proxy;

/// <summary>What a node needs to have services.</summary>
/// <param name="Directory">The services that its pods find.</param>
/// <param name="Names">Names of its packet rules; null if it cannot make any.</param>
/// <param name="Pods">Addresses of all pods: a range of each family that they have.</param>
/// <param name="Dns">Resolves names for the node's pods; null if the node does not make their network.</param>
/// <param name="Network">The network of the node's pods, which leads to those of other nodes; null if it is the engine's.</param>
internal sealed record ServiceProxying(ServiceDirectory Directory, NetworkNames? Names, ImmutableArray<IPNetwork> Pods, ClusterDns? Dns = null, IPodNetwork? Network = null)
{
    /// <summary>Addresses of the host.</summary>
    public ImmutableArray<IPAddress> Hosts { get; init; } = [IPAddress.Loopback];
}
