using System.Globalization;
using System.Net;
using System.Text;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>The packet rules of a node, as one transaction for <c>nft</c> that replaces those before. Connections that are known to the kernel are not cut by it. Pure.</summary>
internal static class PacketRules
{
    /// <summary>The rules.</summary>
    /// <param name="names">Names of the node.</param>
    /// <param name="clusters">Addresses that are reached as they are: those of all pods, a range of each family.</param>
    /// <param name="own">Addresses of the node's pods.</param>
    /// <param name="ports">Ports of pods on the host.</param>
    public static string Text(NetworkNames names, IEnumerable<IPNetwork> clusters, IReadOnlyList<IPNetwork> own, IEnumerable<(PodAddresses Pod, HostPort Port)> ports)
    {
        var all = ports.SelectMany(p => p.Pod.All.Where(a => p.Port.HostIp is "" || AddressOf(p.Port)?.AddressFamily == a.AddressFamily).Select(a => (Pod: a, p.Port)))
            .OrderBy(p => Address(p.Port).Length == 0).ThenBy(p => p.Port.Port).ThenBy(p => p.Port.Protocol, StringComparer.Ordinal).ToList();
        var pods = $"\"{names.Prefix}*\"";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{PacketTables.Without(names.Table)}table {PacketTables.Family} {names.Table} {{\n");
        Chain("ports", [.. all.Select(p => $"{Address(p.Port)}{p.Port.Protocol.ToLowerInvariant()} dport {p.Port.Port} dnat {PacketFamily.Of(p.Pod).Word} to {new IPEndPoint(p.Pod, p.Port.ContainerPort)}")]);

        // A pod must not reach what listens at the host's loopback address alone, which the way back of its ports would allow.
        // Nor may it send in the name of anybody else, which the tunnel of another host would take its packets for.
        Chain("guard",
        [
            "type filter hook prerouting priority raw; policy accept;",
            $"iifname != {pods} accept",
            .. PacketFamily.All.Select(f => $"{f.Word} daddr {f.Loopback} drop"),
            "fib saddr . iif oif missing drop",
            $"udp dport {PeerPlanner.TunnelPort} drop",

            // By the address of its link a pod has its neighbor, and nothing else: no policy knows it.
            $"ip6 saddr {NamespaceMaker.PodLink} icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept",
            "ip6 saddr fe80::/10 drop",
        ]);

        // The tunnel is for hosts alone, also where a service would lead there.
        foreach (var hook in (string[])["input", "forward"])
        {
            Chain($"guard-{hook}", [$"type filter hook {hook} priority filter; policy accept;", $"iifname {pods} udp dport {PeerPlanner.TunnelPort} drop"]);
        }

        // Before services: of a pod and a service that want the same port of the host, it is always the pod's.
        Chain("prerouting", ["type nat hook prerouting priority dstnat - 1; policy accept;", "fib daddr type local jump ports"]);

        // What is sent from ::1 has no way to a pod, so it is refused as if there were no port.
        Chain("output", ["type nat hook output priority -101; policy accept;", $"ip6 daddr {PacketFamily.IPv6.Loopback} accept", "fib daddr type local jump ports"]);
        Chain("postrouting",
        [
            "type nat hook postrouting priority srcnat; policy accept;",
            .. clusters.Select(c => (Cluster: c, Family: PacketFamily.Of(c.BaseAddress), Own: own.Where(o => o.BaseAddress.AddressFamily == c.BaseAddress.AddressFamily).ToList())).Where(c => c.Own.Count > 0)
                .Select(c => $"{c.Family.Word} saddr {{ {string.Join(", ", c.Own)} }} {c.Family.Word} daddr != {c.Cluster} oifname != {pods} masquerade"),
            $"ip saddr 127.0.0.0/8 oifname {pods} masquerade",
            .. all.Select(p => p.Pod).Distinct().Select(p => (Pod: p, PacketFamily.Of(p).Word)).Select(p => $"{p.Word} saddr {p.Pod} {p.Word} daddr {p.Pod} masquerade"),
        ]);
        return text.Append("}\n").ToString();

        void Chain(string name, IEnumerable<string> rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"  chain {name} {{\n");
            foreach (var rule in rules)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {rule}\n");
            }

            text.Append("  }\n");
        }
    }

    // Never as somebody has written it: nft refuses other forms, and with them the whole table.
    private static IPAddress? AddressOf(HostPort port) => IPAddress.TryParse(port.HostIp, out var address) ? address : null;

    // For all addresses of the pod's family without one.
    private static string Address(HostPort port) => AddressOf(port) is { } address && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? $"{PacketFamily.Of(address).Word} daddr {address} " : "";
}
