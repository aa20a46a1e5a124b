using System.Net;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>The ranges of pod addresses that a node has.</summary>
internal static class NodeRanges
{
    /// <summary>Those of a node, in CIDR notation, the one of pods' first addresses first; none if it has not got any yet.</summary>
    public static IReadOnlyList<string> Of(V1Node node) => node.Spec?.PodCIDRs is { Count: > 0 } all ? [.. all] : node.Spec?.PodCIDR is { Length: > 0 } one ? [one] : [];

    /// <summary>The same as ranges, without what is none.</summary>
    public static IReadOnlyList<IPNetwork> Parsed(V1Node node) => [.. Of(node).Select(r => IPNetwork.TryParse(r, out var range) ? range : (IPNetwork?)null).OfType<IPNetwork>()];
}
