using System.Globalization;
using System.Net;
using k8s.Models;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Policies;

/// <summary>What the policies of a pod say of a connection, for people who want to know. Pure.</summary>
/// <param name="IsAllowed">Whether it is let through.</param>
/// <param name="Restricting">Names of the policies that restrict the direction; none restricts nothing.</param>
/// <param name="AllowedBy">Name of a policy that allows it; null if none does or none is needed.</param>
internal sealed record PolicyVerdict(bool IsAllowed, IReadOnlyList<string> Restricting, string? AllowedBy)
{
    /// <summary>Judges a connection.</summary>
    /// <param name="policies">The policies that select the pod.</param>
    /// <param name="isIngress">Whether it comes to the pod.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="other">Address at the other end.</param>
    /// <param name="protocol">TCP, UDP or SCTP.</param>
    /// <param name="port">Port at the end to which it leads.</param>
    /// <param name="membersOf">Who is in a group.</param>
    public static PolicyVerdict Of(IEnumerable<V1NetworkPolicy> policies, bool isIngress, PeerPod pod, string other, string protocol, int port, Func<PeerGroup, IReadOnlySet<string>> membersOf)
    {
        var restricting = policies.Where(p => isIngress ? PolicyPeers.IsIngress(p) : PolicyPeers.IsEgress(p)).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).ToList();
        IReadOnlyList<string> names = [.. restricting.Select(p => p.Metadata.Name)];
        if (restricting.Count == 0 || pod.Addresses.Contains(other))
        {
            return new PolicyVerdict(true, names, null);
        }

        var by = restricting.FirstOrDefault(p => isIngress
            ? (p.Spec.Ingress ?? []).Any(r => Peers(p, r.FromProperty) && Ports(r.Ports, n => pod.Ports.Any(x => x.Port == n && x.Number == port)))
            : (p.Spec.Egress ?? []).Any(r => (Peers(p, r.To) && Ports(r.Ports, _ => false)) || Named(p, r)));
        return new PolicyVerdict(by is not null, names, by?.Metadata.Name);

        bool Peers(V1NetworkPolicy policy, IList<V1NetworkPolicyPeer>? peers) => peers is not { Count: > 0 } || peers.Any(p => p.IpBlock is { } block ? Has(block) : membersOf(PeerGroup.Of(policy.Metadata.NamespaceProperty, p, null)).Contains(other));

        bool Has(V1IPBlock block) => IPAddress.TryParse(other, out var address) && IpAddresses.Range(block.Cidr)?.Contains(address) == true && !(block.Except ?? []).Any(e => IpAddresses.Range(e)?.Contains(address) == true);

        bool Ports(IList<V1NetworkPolicyPort>? ports, Func<NamedPort, bool> isNamed) => ports is not { Count: > 0 } || ports.Any(p => (p.Protocol ?? "TCP") == protocol
            && (p.Port is null || (PolicyPeers.Named(p) is { } name ? isNamed(name) : int.Parse(p.Port.Value, NumberStyles.None, CultureInfo.InvariantCulture) is var first && first <= port && port <= (p.EndPort ?? first))));

        bool Named(V1NetworkPolicy policy, V1NetworkPolicyEgressRule rule) => (rule.Ports ?? []).Select(PolicyPeers.Named).OfType<NamedPort>().Where(n => n.Protocol == protocol).Any(n =>
            (rule.To is { Count: > 0 } ? rule.To.Where(p => p.IpBlock is null).Select(p => (V1NetworkPolicyPeer?)p) : [null])
            .Any(p => membersOf(PeerGroup.Of(policy.Metadata.NamespaceProperty, p, n)).Contains(string.Create(CultureInfo.InvariantCulture, $"{other} . {port}"))));
    }
}
