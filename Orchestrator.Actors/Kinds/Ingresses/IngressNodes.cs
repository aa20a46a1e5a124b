using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;

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

    /// <summary>The addresses at which nodes serve Ingresses.</summary>
    public static IReadOnlyList<string> AddressesOf(IEnumerable<KubeObject> nodes) =>
        OuterNodes.AddressesOf(nodes.Where(n => OuterNodes.IsReady(n) && ConditionOf(n.As<V1Node>(), Condition)?.Status == "True"));

    /// <summary>What keeps nodes from serving Ingresses, by the name of the node.</summary>
    public static IEnumerable<(string Node, string Fault)> FaultsOf(IEnumerable<KubeObject> nodes) =>
        nodes.Select(n => (n.Name, Condition: ConditionOf(n.As<V1Node>(), Condition))).Where(n => n.Condition is { Status: "False", Reason: NotListening }).Select(n => (n.Name, n.Condition!.Message));

    private static V1NodeCondition? ConditionOf(V1Node node, string type) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
}
