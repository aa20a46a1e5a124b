using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using k8s.Models;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Policies;

/// <summary>The packet rules of NetworkPolicies, in a table of their own: what comes to a pod of this node, or leaves it, meets the pod's chain, which ends with a drop. Pure.</summary>
/// <remarks>Rules: Kubernetes, "Network Policies". Connections that are open stay so. What the node itself sends to its pods is not restricted.</remarks>
internal static class PolicyRules
{
    /// <summary>Map from the address of a pod to the chain of what leaves it.</summary>
    public const string Egress = "egress";

    /// <summary>Map from the address of a pod to the chain of what comes to it.</summary>
    public const string Ingress = "ingress";

    /// <summary>The table of a node's policies, without any. The maps of IPv6 have a 6 behind their names. A pod finds its host by neighbor discovery, which is nobody's to
    /// forbid; on to others it does not lead.</summary>
    public static RuleTable Table(NetworkNames names) => new(names.PolicyTable, $$"""
          map {{Egress}} { type ipv4_addr : verdict; }
          map {{Ingress}} { type ipv4_addr : verdict; }
          map {{Egress}}6 { type ipv6_addr : verdict; }
          map {{Ingress}}6 { type ipv6_addr : verdict; }
          chain from-pods {
            ct state established,related accept
            ip saddr vmap @{{Egress}}
            ip6 saddr vmap @{{Egress}}6
          }
          chain to-pods {
            ct state established,related accept
            ip daddr vmap @{{Ingress}}
            ip6 daddr vmap @{{Ingress}}6
          }
          chain input {
            type filter hook input priority filter; policy accept;
            iifname "{{names.Prefix}}*" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
            iifname "{{names.Prefix}}*" jump from-pods
          }
          chain forward-from { type filter hook forward priority filter; policy accept; iifname "{{names.Prefix}}*" jump from-pods; }
          chain forward-to { type filter hook forward priority filter + 1; policy accept; oifname "{{names.Prefix}}*" jump to-pods; }
        """);

    /// <summary>The rules of a pod.</summary>
    /// <param name="name">What tells its chains from those of others: its uid, since names may be longer than those of chains.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="policies">The policies that select it.</param>
    public static OwnedRules OfPod(string name, PeerPod pod, IEnumerable<V1NetworkPolicy> policies)
    {
        var chains = OwnedRules.None.Chains.ToBuilder();
        var elements = ImmutableDictionary.CreateBuilder<(string, string), string>();
        var all = policies.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).ToList();
        var own = pod.Addresses.Select(a => (Address: a, Family: PacketFamily.Of(a))).ToList();
        var families = own.Select(o => o.Family).ToList();
        Add(Ingress, all.Where(PolicyPeers.IsIngress).ToList(), "saddr", p => (p.Spec.Ingress ?? []).SelectMany(r => Lines(r.FromProperty, r.Ports, Peers(p, "saddr", r.FromProperty, families), pod.Ports)));
        Add(Egress, all.Where(PolicyPeers.IsEgress).ToList(), "daddr", p => (p.Spec.Egress ?? []).SelectMany(r => Lines(r.To, r.Ports, Peers(p, "daddr", r.To, families), []).Concat(NamedLines(p, r, families))));
        return OwnedRules.None with { Chains = chains.ToImmutable(), Elements = elements.ToImmutable() };

        // A pod may always talk to itself, which it does through the host if it uses a service.
        void Add(string direction, List<V1NetworkPolicy> restricting, string other, Func<V1NetworkPolicy, IEnumerable<string>> lines)
        {
            if (restricting.Count > 0)
            {
                var chain = $"{direction}/{name}";
                chains[chain] = [.. own.Select(o => $"{o.Family.Word} {other} {o.Address} accept"), .. restricting.SelectMany(lines).Distinct(), "counter drop"];
                own.ForEach(o => elements[(direction + o.Family.Suffix, o.Address)] = $"goto {chain}");
            }
        }
    }

    /// <summary>The rules of addresses that nobody has any more, or of whom nobody knows who has them: nothing new comes or leaves.</summary>
    public static OwnedRules CutOff(string name, IEnumerable<string> addresses) => OwnedRules.None with
    {
        Chains = OwnedRules.None.Chains.Add($"{Ingress}/{name}", ["counter drop"]).Add($"{Egress}/{name}", ["counter drop"]),
        Elements = addresses.SelectMany(a => ((string[])[Ingress, Egress]).Select(d => KeyValuePair.Create((d + PacketFamily.Of(a).Suffix, a), $"goto {d}/{name}"))).ToImmutableDictionary(),
    };

    /// <summary>The set of a group of pods, or of ports of pods.</summary>
    /// <param name="group">The group.</param>
    /// <param name="members">Who is in it.</param>
    /// <param name="dns">Address of the node's server of names.</param>
    public static OwnedRules OfGroup(PeerGroup group, IReadOnlySet<string> members, IPAddress dns)
    {
        return OwnedRules.None with
        {
            Sets = PacketFamily.All.Aggregate(OwnedRules.None.Sets, (sets, f) => sets.Add(SetOf(group, f), $"type {f.Type}{(group.Port is null ? "" : " . inet_service")};")),
            Elements = members.Select(m => m.StartsWith(PeerPod.ClusterDns, StringComparison.Ordinal) ? dns + m[PeerPod.ClusterDns.Length..] : m).Distinct()
                .ToImmutableDictionary(m => (SetOf(group, PacketFamily.Of(m)), m), _ => ""),
        };
    }

    private static string SetOf(PeerGroup group, PacketFamily family) => $"{(group.Port is null ? "pods" : "ports")}{family.Suffix}/{group.Id}";

    private static IEnumerable<string> Peers(V1NetworkPolicy policy, string side, IList<V1NetworkPolicyPeer>? peers, IReadOnlyList<PacketFamily> families) => (peers ?? [])
        .SelectMany(p => families.Select(f => p.IpBlock is { } block ? Block(side, block, f) : $"{f.Word} {side} @{SetOf(PeerGroup.Of(policy.Metadata.NamespaceProperty, p, null), f)} ")).OfType<string>();

    private static string? Block(string side, V1IPBlock block, PacketFamily family) => !IsOf(family, block.Cidr) ? null
        : string.Concat((block.Except ?? []).Where(e => IsOf(family, e)).Select(e => $"{family.Word} {side} != {IpAddresses.Range(e)} ").Prepend($"{family.Word} {side} {IpAddresses.Range(block.Cidr)} "));

    private static bool IsOf(PacketFamily family, string range) => IpAddresses.Range(range)?.BaseAddress.AddressFamily == family.Addresses;

    // Each peer with each port. No list means all; one whose members are of families that the pod has not means none.
    private static IEnumerable<string> Lines(IList<V1NetworkPolicyPeer>? given, IList<V1NetworkPolicyPort>? ports, IEnumerable<string> peers, ImmutableArray<(NamedPort Port, int Number)> names) =>
        from peer in given is { Count: > 0 } ? peers : [""]
        from port in ports is { Count: > 0 } ? Ports(ports, names) : [""]
        select $"{peer}{port}accept";

    private static IEnumerable<string> Ports(IEnumerable<V1NetworkPolicyPort> ports, ImmutableArray<(NamedPort Port, int Number)> names)
    {
        foreach (var protocol in ports.GroupBy(p => (p.Protocol ?? "TCP").ToLowerInvariant()).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            if (protocol.Any(p => p.Port is null))
            {
                yield return $"meta l4proto {protocol.Key} ";
                continue;
            }

            var ranges = protocol.SelectMany(p => PolicyPeers.Named(p) is { } name ? names.Where(n => n.Port == name).Select(n => (n.Number, n.Number)) : [Range(p)]);
            if (Joined(ranges) is { Length: > 0 } numbers)
            {
                yield return $"meta l4proto {protocol.Key} th dport {{ {numbers} }} ";
            }
        }
    }

    private static (int From, int To) Range(V1NetworkPolicyPort port)
    {
        var from = int.Parse(port.Port.Value, NumberStyles.None, CultureInfo.InvariantCulture);
        return (from, port.EndPort ?? from);
    }

    // The kernel wants ranges that do not overlap.
    private static string Joined(IEnumerable<(int From, int To)> ranges)
    {
        var joined = new List<(int From, int To)>();
        foreach (var range in ranges.Order())
        {
            if (joined.Count > 0 && range.From <= joined[^1].To + 1)
            {
                joined[^1] = (joined[^1].From, Math.Max(joined[^1].To, range.To));
            }
            else
            {
                joined.Add(range);
            }
        }

        return string.Join(", ", joined.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.From}{(r.To > r.From ? $"-{r.To}" : "")}")));
    }

    // The name is that of a port of the pod at the other end, so it is known with the pod alone.
    private static IEnumerable<string> NamedLines(V1NetworkPolicy policy, V1NetworkPolicyEgressRule rule, IReadOnlyList<PacketFamily> families) =>
        from name in (rule.Ports ?? []).Select(PolicyPeers.Named).OfType<NamedPort>()
        from peer in rule.To is { Count: > 0 } ? rule.To.Where(p => p.IpBlock is null) : [null]
        from family in families
        select $"meta l4proto {name.Protocol.ToLowerInvariant()} {family.Word} daddr . th dport @{SetOf(PeerGroup.Of(policy.Metadata.NamespaceProperty, peer, name), family)} accept";
}
