using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Network;

/// <summary>A route to the pods of another host.</summary>
/// <param name="Range">Their addresses.</param>
/// <param name="Host">The host.</param>
/// <param name="IsDirect">Whether the host is reached without a router between, so that it takes the packets as they are.</param>
/// <param name="Hardware">The hardware address of the tunnel's end there.</param>
internal sealed record PeerRoute(IPNetwork Range, IPAddress Host, bool IsDirect, string Hardware);

/// <summary>Says how the pods of other hosts are reached, and by which commands of <c>ip</c> and <c>bridge</c>. Pure.</summary>
internal static class PeerPlanner
{
    /// <summary>The number by which routes of agents are known (<c>ip route show proto 111</c>).</summary>
    public const int Protocol = 111;

    /// <summary>UDP port of the tunnel (RFC 7348).</summary>
    public const int TunnelPort = 4789;

    /// <summary>What the tunnel adds to a packet, in bytes.</summary>
    public const int TunnelHeader = 50;

    private const int TunnelHeaderOfIPv6 = 70;

    // Locally administered; the rest is of the first address of the node's first range, so that each host knows the address of each other.
    private const string Hardware = "0e:0c";

    /// <summary>The routes.</summary>
    /// <param name="peers">Other nodes.</param>
    /// <param name="hosts">Addresses of this host, whose other nodes need no route.</param>
    /// <param name="routes">The host's routes.</param>
    /// <param name="clusters">Addresses of all pods. A range outside of them is not led anywhere.</param>
    /// <param name="mode">Which ways may be gone. With <see cref="PeerMode.Routes"/> it is for the routers to know the way to hosts behind them.</param>
    public static ImmutableArray<PeerRoute> Plan(IEnumerable<NodeRange> peers, IReadOnlyList<IPAddress> hosts, HostRoutes routes, IReadOnlyCollection<IPNetwork> clusters, PeerMode mode)
    {
        return
        [
            .. peers.Where(p => !p.Hosts.Any(hosts.Contains)).SelectMany(p => p.Ranges.Select(r => Route(p, r)).OfType<PeerRoute>())
                .Where(r => clusters.Any(c => c.Contains(r.Range.BaseAddress) && r.Range.PrefixLength > c.PrefixLength))
                .OrderBy(r => r.Range.BaseAddress.ToString(), StringComparer.Ordinal).DistinctBy(r => r.Range),
        ];

        // Packets go as they are to an address of their own family; the tunnel takes those of both.
        PeerRoute? Route(NodeRange peer, IPNetwork range)
        {
            var near = mode == PeerMode.Tunnel ? null : peer.Hosts.FirstOrDefault(h => h.AddressFamily == range.BaseAddress.AddressFamily && routes.IsOnLink(h));
            var far = mode == PeerMode.Routes ? null : peer.Hosts.FirstOrDefault(h => h.AddressFamily == hosts[0].AddressFamily);
            return (near ?? far) is { } host ? new PeerRoute(range, host, near is not null, HardwareOf(peer.Ranges[0])) : null;
        }
    }

    /// <summary>Line for <c>ip -batch</c> by which what is sent to an address of a node that no pod has ends there at once, and does not leave the host.</summary>
    public static string Unreachable(IPNetwork range, int metric) => string.Create(CultureInfo.InvariantCulture, $"route replace unreachable {range} proto {Protocol} metric {metric}");

    /// <summary>The address of the tunnel's end at a node.</summary>
    public static IPAddress EndOf(IPNetwork range) => range.BaseAddress;

    /// <summary>The hardware address of the tunnel's end at a node with a first range.</summary>
    public static string HardwareOf(IPNetwork range)
    {
        var bytes = range.BaseAddress.GetAddressBytes();
        return $"{Hardware}:{string.Join(':', (bytes.Length == 4 ? bytes : SHA256.HashData(bytes)[..4]).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))}";
    }

    /// <summary>The number of the tunnel's network: the same on all hosts of a cluster, and another one for clusters with other ranges.</summary>
    public static int NetworkOf(IPNetwork cluster) => cluster.BaseAddress.GetAddressBytes().Append((byte)cluster.PrefixLength).Aggregate(17, (hash, b) => unchecked((hash * 31) + b)) & 0xFFFFF | 0x100000;

    /// <summary>Lines for <c>ip -batch</c> that make the tunnel.</summary>
    public static IEnumerable<string> Tunnel(string name, PodRoom room, IPNetwork cluster, IPAddress host, int mtu)
    {
        var inner = mtu - (host.AddressFamily == AddressFamily.InterNetworkV6 ? TunnelHeaderOfIPv6 : TunnelHeader);
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"link add {name} mtu {inner} address {HardwareOf(room.First.Range)} type vxlan id {NetworkOf(cluster)} dstport {TunnelPort} local {host} nolearning"),
            $"link set {name} addrgenmode none up",
            .. room.All.Select(r => $"addr add {EndOf(r.Range)}/{IpAddresses.Bits(r.Range)} dev {name}{(IsIPv6(r.Range) ? " nodad" : "")}"),
        ];
    }

    /// <summary>Lines for <c>ip -batch</c> that make the routes what they should be.</summary>
    /// <param name="wanted">The routes.</param>
    /// <param name="present">Ranges that have a route of this node.</param>
    /// <param name="tunnel">Name of the tunnel.</param>
    /// <param name="metric">The number by which the routes of this node are told from others.</param>
    public static IEnumerable<string> Lines(IReadOnlyCollection<PeerRoute> wanted, IEnumerable<IPNetwork> present, string tunnel, int metric)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"proto {Protocol} metric {metric}");
        foreach (var gone in present.Where(p => !wanted.Any(w => w.Range.Equals(p))))
        {
            yield return $"route del {gone} {mark}";
        }

        foreach (var route in wanted)
        {
            if (!route.IsDirect)
            {
                yield return $"neigh replace {EndOf(route.Range)} lladdr {route.Hardware} dev {tunnel} nud permanent";
            }

            yield return route.IsDirect ? $"route replace {route.Range} via {route.Host} {mark}" : $"route replace {route.Range} via {EndOf(route.Range)} dev {tunnel} onlink {mark}";
        }
    }

    /// <summary>Lines for <c>bridge -batch</c> that say behind which hosts the ends of the tunnel are.</summary>
    public static IEnumerable<string> Hosts(IEnumerable<PeerRoute> wanted, string tunnel) =>
        wanted.Where(w => !w.IsDirect).Select(w => $"fdb replace {w.Hardware} dev {tunnel} dst {w.Host}").Distinct();

    private static bool IsIPv6(IPNetwork range) => range.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
}

/// <summary>How packets go to the pods of other hosts.</summary>
public enum PeerMode
{
    /// <summary>As they are to hosts of the same network, through a tunnel to others.</summary>
    Auto,

    /// <summary>As they are: all hosts are in the same network, or its routers know the ranges.</summary>
    Routes,

    /// <summary>Through a tunnel.</summary>
    Tunnel,
}
