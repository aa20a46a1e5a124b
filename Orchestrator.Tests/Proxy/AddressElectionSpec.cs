using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Tests.Proxy;

/// <summary>Which node answers for which address.</summary>
public sealed class AddressElectionSpec
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Addresses = [.. Enumerable.Range(1, 60).Select(i => $"192.0.2.{i}")];

    [Fact]
    public void Each_address_has_one_node_and_with_a_node_only_its_own_move()
    {
        var all = Names.ToDictionary(n => n, n => Of(n, [.. Names.Select(m => Node(m))]));
        Assert.Equal(Addresses.Order(), all.Values.SelectMany(a => a).Order());
        Assert.All(all.Values, a => Assert.InRange(a.Count, 5, 40));
        KubeObject[] left = [Node("a"), Node("b"), Node("c", ready: "False")];
        Assert.Empty(Of("c", left));
        Assert.Superset(all["a"].ToHashSet(), Of("a", left).ToHashSet());
        Assert.Equal(Addresses.Order(), Of("a", left).Concat(Of("b", left)).Order());
    }

    [Fact]
    public void What_is_to_stay_on_a_node_is_answered_for_where_its_endpoints_are()
    {
        KubeObject[] nodes = [.. Names.Select(n => Node(n))];
        Assert.Equal(Addresses.Order(), Of("b", nodes, "b").Order());
        Assert.Empty(Of("a", nodes, "b"));
    }

    [Fact]
    public void Nodes_that_are_excluded_answer_for_none() =>
        Assert.Empty(Of("a", [Node("a", labels: """{"node.kubernetes.io/exclude-from-external-load-balancers":"true"}""")]));

    private static IReadOnlySet<string> Of(string node, KubeObject[] nodes, string? local = null) => AddressElection.Of(node,
        [new ServiceRoute("default", "web", "10.96.0.9", [], [], false, local is not null, null) { PoolAddresses = [.. Addresses] }], nodes, _ => new HashSet<string> { local ?? "" });

    private static KubeObject Node(string name, string ready = "True", string labels = "{}") => KubeObject.From(NodeDefinition.Instance, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "uid": "{{name}}", "labels": {{labels}} }, "status": { "conditions": [ { "type": "Ready", "status": "{{ready}}" } ] } }""")!);
}
