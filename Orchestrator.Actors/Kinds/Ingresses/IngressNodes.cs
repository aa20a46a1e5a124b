using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Which nodes serve Ingresses, as their agents say it by a condition of the node. Pure.</summary>
public static class IngressNodes
{
    /// <summary>The condition: <c>True</c> if the node listens.</summary>
    public const string Condition = "IngressReady";

    /// <summary>Reason of the condition, and of Events, if a node cannot listen: a port is taken.</summary>
    public const string NotListening = "IngressNotListening";

    /// <summary>Whether a node has said anything of Ingresses.</summary>
    public static bool IsHeard(KubeObject node) => ConditionOf(node.As<V1Node>(), Condition) is not null;

    /// <summary>The addresses at which nodes serve Ingresses: of each its external one, if it has one, and otherwise its internal one.</summary>
    public static IReadOnlyList<string> AddressesOf(IEnumerable<KubeObject> nodes) =>
    [
        .. nodes.Where(n => !n.IsDeleting).Select(n => n.As<V1Node>()).Where(n => IsTrue(n, Condition) && IsTrue(n, "Ready"))
            .Select(n => AddressOf(n, "ExternalIP") ?? AddressOf(n, "InternalIP")).OfType<string>().Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>What keeps nodes from serving Ingresses, by the name of the node.</summary>
    public static IEnumerable<(string Node, string Fault)> FaultsOf(IEnumerable<KubeObject> nodes) =>
        nodes.Select(n => (n.Name, Condition: ConditionOf(n.As<V1Node>(), Condition))).Where(n => n.Condition is { Status: "False", Reason: NotListening }).Select(n => (n.Name, n.Condition!.Message));

    private static bool IsTrue(V1Node node, string type) => ConditionOf(node, type)?.Status == "True";

    private static V1NodeCondition? ConditionOf(V1Node node, string type) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    private static string? AddressOf(V1Node node, string type) => node.Status?.Addresses?.FirstOrDefault(a => a.Type == type)?.Address;
}
