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
}
