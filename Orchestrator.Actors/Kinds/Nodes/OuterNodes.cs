using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Which nodes are reached from the outside for what they serve, and by which addresses. Pure.</summary>
public static class OuterNodes
{
    private const string ExcludedLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    /// <summary>Whether a node is there to serve anybody.</summary>
    public static bool IsReady(KubeObject node) => !node.IsDeleting && node.As<V1Node>().Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Whether a node serves load balancers, too.</summary>
    public static bool TakesLoad(KubeObject node) => IsReady(node) && !node.Labels.ContainsKey(ExcludedLabel);

    /// <summary>The addresses of some nodes, in a fixed order: of each its external one, if it has one, and otherwise its internal one.</summary>
    public static IReadOnlyList<string> AddressesOf(IEnumerable<KubeObject> nodes) =>
        [.. nodes.Select(n => n.As<V1Node>()).Select(n => AddressOf(n, "ExternalIP") ?? AddressOf(n, "InternalIP")).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static string? AddressOf(V1Node node, string type) => node.Status?.Addresses?.FirstOrDefault(a => a.Type == type)?.Address;
}
