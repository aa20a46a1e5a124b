using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Nodes;

public sealed class NodeControllerSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 5, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-01-02T03:04:00Z", true)]
    [InlineData("2026-01-02T03:04:05Z", true)]
    [InlineData("2026-01-02T03:04:06Z", false)]
    public async Task A_pod_of_a_lost_node_is_not_ready_unless_its_agent_has_reported_since(string readySince, bool isUnready)
    {
        await using var fed = await FedCache.StartAsync();
        var node = await fed.CreateAsync("""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"u-n1"},
             "spec":{"taints":[{"key":"node.kubernetes.io/unreachable","effect":"NoSchedule"},{"key":"node.kubernetes.io/unreachable","effect":"NoExecute","timeAdded":"2026-01-02T03:04:05Z"}]},
             "status":{"conditions":[{"type":"Ready","status":"Unknown","lastTransitionTime":"2026-01-02T03:04:05Z"}]} }
            """);
        await fed.CreateAsync($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default","uid":"u-a"},"spec":{"nodeName":"n1","containers":[]},
             "status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"{{readySince}}"}]} }
            """);
        var plan = new NodeController().Plan(node!, fed.Cache, new PlanContext(Now, 1, () => "", []));
        Assert.Equal(isUnready, plan.Commands.OfType<MergeObject>().Any(c => c.Verb == "unready"));
    }

    [Theory]
    [InlineData("MemoryPressure", "node.kubernetes.io/memory-pressure")]
    [InlineData("DiskPressure", "node.kubernetes.io/disk-pressure")]
    [InlineData("PIDPressure", "node.kubernetes.io/pid-pressure")]
    public async Task What_a_node_is_short_of_keeps_new_pods_away_while_it_is(string condition, string taint)
    {
        await using var fed = await FedCache.StartAsync();
        var node = await fed.CreateAsync(Node("True", """{"key":"mine","effect":"NoSchedule"}"""));
        var set = new NodeController().Plan(node!, fed.Cache, new PlanContext(Now, 1, () => "", [])).Commands.OfType<MergeObject>().Single().Patch["spec"]!["taints"]!.AsArray();
        Assert.Equal([("mine", "NoSchedule"), (taint, "NoSchedule")], set.Select(t => ((string)t!["key"]!, (string)t["effect"]!)));

        node = await fed.CreateAsync(Node("False", $$"""{"key":"{{taint}}","effect":"NoSchedule"}""").Replace("n1", "n2", StringComparison.Ordinal));
        Assert.Empty(new NodeController().Plan(node!, fed.Cache, new PlanContext(Now, 1, () => "", [])).Commands.OfType<MergeObject>().Single().Patch["spec"]!["taints"]!.AsArray());

        string Node(string status, string taints) => $$"""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"u-n1"},"spec":{"taints":[{{taints}}]},
             "status":{"conditions":[{"type":"Ready","status":"True"},{"type":"{{condition}}","status":"{{status}}"}]} }
            """;
    }
}
