using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Orchestrator.Node.Agent.Shutdown;

namespace Orchestrator.Tests.Agent.Shutdown;

/// <summary>In which order pods end with their machine (Kubernetes, "Node Shutdowns").</summary>
public sealed class ShutdownPlanSpec
{
    [Fact]
    public void Critical_pods_end_last_in_the_last_part_of_the_time()
    {
        var groups = ShutdownSettings.Simple(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10));
        Assert.Equal([(0, 20), (2_000_000_000, 10)], groups.Select(g => (g.Priority, (int)g.Period.TotalSeconds)));
        Assert.Equal("20:a,b 10:c", Text(ShutdownPlan.Of(groups, [("c", 2_000_001_000), ("b", 5), ("a", -7)])));
        Assert.Empty(ShutdownSettings.Simple(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public void A_pod_is_in_the_highest_group_that_is_not_above_it() =>
        Assert.Equal("1:a 2:b,c 3:d", Text(ShutdownPlan.Of([new(10, TimeSpan.FromSeconds(1)), new(100, TimeSpan.FromSeconds(2)), new(1000, TimeSpan.FromSeconds(3)), new(9999, TimeSpan.FromSeconds(4))],
            [("a", 0), ("b", 100), ("c", 999), ("d", 1000)])));

    [Fact]
    public void Each_pod_ends_once_and_none_before_one_of_a_lower_group() => Gen.Select(Gen.Int[0, 5].Array[1, 4], Gen.Int[-1, 6].Array[0, 10]).Sample((priorities, pods) =>
    {
        var groups = priorities.Distinct().Order().Select(p => new ShutdownGroup(p, TimeSpan.FromSeconds(1)));
        var plan = ShutdownPlan.Of([.. groups], pods.Select((p, i) => ($"{i}", p)));
        var order = plan.SelectMany(g => g.Uids.Select(u => (g.Group.Priority, Pod: int.Parse(u, CultureInfo.InvariantCulture)))).ToList();
        return order.Select(o => o.Pod).Order().SequenceEqual(Enumerable.Range(0, pods.Length))
            && order.Zip(order.Skip(1), (a, b) => a.Priority <= b.Priority).All(isInOrder => isInOrder)
            && order.All(o => o.Priority <= pods[o.Pod] || o.Priority == priorities.Min());
    });

    [Fact]
    public void What_is_said_is_what_a_kubelet_says()
    {
        var why = ShutdownPlan.Failure(new ShutdownGroup(0, TimeSpan.FromSeconds(20)));
        Assert.Equal(("Terminated", "Pod was terminated in response to imminent node shutdown.", 20.0, true, false), (why.Reason, why.Message, why.Grace!.Value.TotalSeconds, why.IsDisruption, why.ReleasesContent));
        Assert.Equal(("NodeShutdown", "Pod was rejected as the node is shutting down."), (ShutdownPlan.Refusal.Reason, ShutdownPlan.Refusal.Message));
    }

    private static string Text(IEnumerable<(ShutdownGroup Group, ImmutableArray<string> Uids)> plan) =>
        string.Join(' ', plan.Select(p => $"{p.Group.Period.TotalSeconds:0}:{string.Join(',', p.Uids)}"));
}
