using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Proxy;

/// <summary>A service as a node's packets meet it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its cluster IP.</param>
/// <param name="ExternalAddresses">Other addresses that lead to it (<c>externalIPs</c>).</param>
/// <param name="Ports">Its ports.</param>
/// <param name="IsInternalLocal">Whether what comes from pods goes to endpoints of their own node alone (<c>internalTrafficPolicy: Local</c>).</param>
/// <param name="IsExternalLocal">Whether what comes from the outside does (<c>externalTrafficPolicy: Local</c>), which keeps the address of the client.</param>
/// <param name="Affinity">Time for which a client stays with an endpoint, in seconds; null if it does not.</param>
/// <remarks>Of one family of addresses; a service of both has two.</remarks>
internal sealed record ServiceRoute(string Namespace, string Name, string Address, ImmutableArray<string> ExternalAddresses, ImmutableArray<RoutedPort> Ports,
    bool IsInternalLocal, bool IsExternalLocal, int? Affinity)
{
    /// <summary>Since when there is the service: a port of an address that several have is the oldest one's.</summary>
    public DateTime Since { get; init; }

    /// <summary>The family of all its addresses.</summary>
    public PacketFamily Family { get; init; } = PacketFamily.IPv4;

    /// <summary>Its addresses as a load balancer.</summary>
    public ImmutableArray<string> BalancerAddresses { get; init; } = [];

    /// <summary>Those of them that are of the cluster's pool, and nobody's but the service's.</summary>
    public ImmutableArray<string> PoolAddresses { get; init; } = [];

    /// <summary>The port of the node at which load balancers ask for its endpoints here; 0 for none.</summary>
    public int HealthCheckPort { get; init; }

    /// <summary>How many endpoints it has on this node that are ready.</summary>
    public int LocalEndpoints => Ports.SelectMany(p => p.Endpoints).Where(e => e.IsLocal && e.IsReady).Select(e => e.Address).Distinct().Count();

    /// <summary>Who may reach it by these (<c>loadBalancerSourceRanges</c>): ranges of the family; null for everybody.</summary>
    public ImmutableArray<string>? Sources { get; init; }
}

/// <summary>A port of a service.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="NodePort">The port of the nodes that leads to it; 0 for none.</param>
/// <param name="Endpoints">Where it leads, in a fixed order.</param>
internal sealed record RoutedPort(int Number, string Protocol, int NodePort, ImmutableArray<RoutedEndpoint> Endpoints)
{
    /// <summary>Those of them that this node is to prefer; all if there is no hint. What is to stay on the node is of all.</summary>
    public ImmutableArray<RoutedEndpoint> Near { get; init; } = Endpoints;
}

/// <summary>An endpoint of a port.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsLocal">Whether it is on this node.</param>
/// <param name="IsReady">Whether it takes new connections.</param>
/// <param name="IsDraining">Whether its pod ends and still answers, so that it is used if nothing is ready (Kubernetes, "Virtual IPs", traffic to terminating endpoints).</param>
internal sealed record RoutedEndpoint(string Address, int Port, bool IsLocal, bool IsReady, bool IsDraining)
{
    /// <summary>Address and port as people write them.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{(PacketFamily.Of(Address) == PacketFamily.IPv6 ? $"[{Address}]" : Address)}:{Port}");

    /// <summary>Nodes that are to prefer it; none for no hint.</summary>
    public ImmutableArray<string> ForNodes { get; init; } = [];

    /// <summary>Zones that are to prefer it; none for no hint.</summary>
    public ImmutableArray<string> ForZones { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(RoutedEndpoint? other) => other is not null && (Address, Port, IsLocal, IsReady, IsDraining) == (other.Address, other.Port, other.IsLocal, other.IsReady, other.IsDraining)
        && ForNodes.SequenceEqual(other.ForNodes) && ForZones.SequenceEqual(other.ForZones);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Port);
}
