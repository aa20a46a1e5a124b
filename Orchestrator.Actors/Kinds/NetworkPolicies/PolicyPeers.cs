using k8s.Models;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>The directions and peers of a NetworkPolicy. Pure.</summary>
internal static class PolicyPeers
{
    private const string Egress = "Egress";
    private const string Ingress = "Ingress";

    /// <summary>Whether what comes to the pods of a policy is restricted.</summary>
    public static bool IsIngress(V1NetworkPolicy policy) => policy.Spec.PolicyTypes is not { Count: > 0 } types || types.Contains(Ingress);

    /// <summary>Whether what leaves the pods of a policy is restricted. Older objects may not say it, and are taken by what they have (Kubernetes, policyTypes).</summary>
    public static bool IsEgress(V1NetworkPolicy policy) => policy.Spec.PolicyTypes is { Count: > 0 } types ? types.Contains(Egress) : policy.Spec.Egress is { Count: > 0 };

    /// <summary>All groups that a policy names.</summary>
    public static IEnumerable<PeerGroup> GroupsOf(V1NetworkPolicy policy) =>
        (IsIngress(policy) ? policy.Spec.Ingress ?? [] : []).SelectMany(r => Selecting(r.FromProperty).Select(p => PeerGroup.Of(policy.Metadata.NamespaceProperty, p, null)))
        .Concat((IsEgress(policy) ? policy.Spec.Egress ?? [] : []).SelectMany(r => GroupsOf(policy.Metadata.NamespaceProperty, r))).Distinct();

    /// <summary>A port of a rule that is a name; null if it is none.</summary>
    public static NamedPort? Named(V1NetworkPolicyPort port) => port.Port?.Value is { Length: > 0 } text && !int.TryParse(text, out _) ? new NamedPort(port.Protocol ?? "TCP", text) : null;

    // What leaves is let through to a named port of those that it leads to.
    private static IEnumerable<PeerGroup> GroupsOf(string ns, V1NetworkPolicyEgressRule rule)
    {
        var names = (rule.Ports ?? []).Select(Named).OfType<NamedPort>().ToList();
        var isForNumbers = rule.Ports is not { Count: > 0 } ports || ports.Any(p => Named(p) is null);
        IEnumerable<V1NetworkPolicyPeer?> peers = rule.To is { Count: > 0 } ? Selecting(rule.To) : Enumerable.Repeat<V1NetworkPolicyPeer?>(null, 1);
        foreach (var peer in peers)
        {
            if (peer is not null && isForNumbers)
            {
                yield return PeerGroup.Of(ns, peer, null);
            }

            foreach (var name in names)
            {
                yield return PeerGroup.Of(ns, peer, name);
            }
        }
    }

    private static IEnumerable<V1NetworkPolicyPeer> Selecting(IEnumerable<V1NetworkPolicyPeer>? peers) => (peers ?? []).Where(p => p.IpBlock is null);
}
