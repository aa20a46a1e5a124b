using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Which nodes are reached from the outside for what they serve, and by which addresses. Pure.</summary>
public static class OuterNodes
{
    private const string ExcludedLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    /// <summary>Whether a node is there to serve anybody.</summary>
    public static bool IsReady(KubeObject node) => !node.IsDeleting && node.As<V1Node>().Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Whether a node serves load balancers, too.</summary>
    public static bool TakesLoad(KubeObject node) => IsReady(node) && !node.Labels.ContainsKey(ExcludedLabel);

    /// <summary>The addresses of some nodes, in a fixed order: of each, and of each family, its external one, if it has one, and otherwise its internal one.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="families">The families that are wanted (<see cref="IpFamilies"/>); null for all.</param>
    public static IReadOnlyList<string> AddressesOf(IEnumerable<KubeObject> nodes, IReadOnlyCollection<string>? families = null) =>
    [
        .. nodes.SelectMany(n => ByFamily(n.As<V1Node>(), "ExternalIP").Concat(ByFamily(n.As<V1Node>(), "InternalIP")).DistinctBy(a => a.Family))
            .Where(a => families?.Contains(a.Family) != false).Select(a => a.Address).Distinct().Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<(string Family, string Address)> ByFamily(V1Node node, string type) => (node.Status?.Addresses ?? []).Where(a => a.Type == type).Select(a => (IpFamilies.Of(a.Address) ?? "", a.Address));
}
