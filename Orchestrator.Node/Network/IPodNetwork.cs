using System.Collections.Immutable;
using System.Net;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Network;

/// <summary>Gives the sandboxes of a node their network, as a CNI plugin does. Every call may be repeated.</summary>
internal interface IPodNetwork
{
    /// <summary>Why pods get no network; null if they do.</summary>
    string? Fault { get; }

    /// <summary>Learns the ranges of the node's pods and makes the host ready for them. Pods that have addresses keep them.</summary>
    /// <param name="podCidrs">The ranges, <c>spec.podCIDRs</c> of the node, with a comma between.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="NetworkException">The host cannot be made ready.</exception>
    Task UseAsync(string podCidrs, CancellationToken cancellation);

    /// <summary>Who enforces network policies on its pods.</summary>
    PolicyEnforcer Policies { get; }

    /// <summary>Whether an address may be one of a pod that asks this node for names.</summary>
    bool IsPod(IPAddress address);

    /// <summary>The address of the host that each pod reaches first, once the network is ready; null if what pods reach first is not on this host.</summary>
    /// <exception cref="NetworkException">It is not ready in time.</exception>
    Task<IPAddress?> GatewayAsync(CancellationToken cancellation);

    /// <summary>Makes the pods of other nodes reachable from here; those of nodes that are not named are not any more.</summary>
    /// <param name="peers">The other nodes.</param>
    /// <param name="hosts">Addresses of this host.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="NetworkException">The routes cannot be made.</exception>
    Task ReachAsync(IReadOnlyCollection<NodeRange> peers, IReadOnlyList<IPAddress> hosts, CancellationToken cancellation);

    /// <summary>The network of a pod: one that was made ahead, or its own if it has one.</summary>
    /// <param name="podUid">Uid of the pod.</param>
    /// <param name="wanted">What it needs.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="NetworkException">It cannot be made.</exception>
    Task<PodNetwork> AddAsync(string podUid, PodNetworkWish wanted, CancellationToken cancellation);

    /// <summary>Uids of the pods that have a network, those that an earlier process left included.</summary>
    IReadOnlyCollection<string> Pods { get; }

    /// <summary>The network that a pod has; null if it has none.</summary>
    PodNetwork? Find(string podUid);

    /// <summary>Takes the network of a pod down: its address and its ports of the host are free.</summary>
    Task RemoveAsync(string podUid, CancellationToken cancellation);

    /// <summary>Removes the networks that an earlier process left, but for those of these pods.</summary>
    /// <param name="podUids">Uids of the pods that the runtime has.</param>
    /// <param name="cancellation">Cancels the call.</param>
    Task KeepAsync(IReadOnlySet<string> podUids, CancellationToken cancellation);
}

/// <summary>What a pod needs of its network.</summary>
/// <param name="Ports">Its ports on the host.</param>
/// <param name="Sysctls">Kernel parameters that belong to a network namespace: names that begin with <c>net.</c></param>
internal sealed record PodNetworkWish(ImmutableArray<HostPort> Ports, ImmutableArray<(string Name, string Value)> Sysctls)
{
    /// <summary>Namespace of the pod.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Name of the pod.</summary>
    public string Name { get; init; } = "";
}

/// <summary>The network of a pod.</summary>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Namespace">Path of its network namespace.</param>
internal sealed record PodNetwork(PodAddresses Addresses, string Namespace)
{
    /// <summary>The address by which it is known.</summary>
    public IPAddress Address => Addresses.First;
}
