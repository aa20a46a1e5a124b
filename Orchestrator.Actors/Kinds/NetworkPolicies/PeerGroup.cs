using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>Pods that a NetworkPolicy names by selectors, or ports of them that it names. Two policies that name the same mean the same group.</summary>
internal sealed record PeerGroup
{
    private const int IdLength = 16;
    private readonly string? _namespace;
    private readonly V1LabelSelector? _namespaces;
    private readonly V1LabelSelector? _pods;

    private PeerGroup(string? ns, V1LabelSelector? namespaces, V1LabelSelector? pods, NamedPort? port)
    {
        (_namespace, _namespaces, _pods, Port) = (ns, namespaces, pods, port);
        var text = string.Join('|', ns, namespaces is null ? "-" : Canonical(namespaces), pods is null ? "-" : Canonical(pods), port);
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..IdLength];
    }

    /// <summary>What tells it from others: 16 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>The port of its pods that is meant; null for the pods themselves.</summary>
    public NamedPort? Port { get; }

    /// <summary>The namespace whose pods alone it has; null if that depends on labels.</summary>
    public string? Namespace => _namespaces is null ? _namespace : null;

    /// <summary>The group of a peer.</summary>
    /// <param name="policyNamespace">Namespace of the policy, which is meant if the peer says nothing of namespaces.</param>
    /// <param name="peer">A peer without ipBlock; null for all pods.</param>
    /// <param name="port">The port that is meant; null for the pods themselves.</param>
    public static PeerGroup Of(string policyNamespace, V1NetworkPolicyPeer? peer, NamedPort? port) => peer is null ? new PeerGroup(null, new V1LabelSelector(), null, port)
        : new PeerGroup(peer.NamespaceSelector is null ? policyNamespace : null, peer.NamespaceSelector, peer.PodSelector, port);

    /// <summary>What of a pod is in the group: its addresses or, for a port, each of <c>ADDRESS . NUMBER</c>.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="namespaceLabels">Labels of its namespace.</param>
    public IEnumerable<string> MembersOf(PeerPod pod, IReadOnlyDictionary<string, string> namespaceLabels)
    {
        var isIn = (_namespaces is null ? pod.Namespace == _namespace : LabelSelectors.Matches(_namespaces, new Dictionary<string, string>(namespaceLabels)))
            && (_pods is null || LabelSelectors.Matches(_pods, new Dictionary<string, string>(pod.Labels)));
        return !isIn ? [] : Port is null ? pod.Addresses : pod.Ports.Where(p => p.Port == Port).SelectMany(p => pod.Addresses.Select(a => $"{a} . {p.Number}")).Distinct();
    }

    /// <inheritdoc/>
    public bool Equals(PeerGroup? other) => other?.Id == Id;

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    private static string Canonical(V1LabelSelector selector) => JsonSerializer.Serialize(new
    {
        Labels = (selector.MatchLabels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal),
        Expressions = (selector.MatchExpressions ?? []).Select(e => new { e.Key, e.OperatorProperty, Values = (e.Values ?? []).Order(StringComparer.Ordinal) }),
    });
}

/// <summary>A port of containers that has a name.</summary>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="Name">Its name.</param>
internal sealed record NamedPort(string Protocol, string Name);
