using CsCheck;
using k8s.Models;
using Orchestrator.Actors.Scheduling;
using Orchestrator.Actors.Scheduling.Preemption;
using static Orchestrator.Tests.Scheduling.Pods;

namespace Orchestrator.Tests.Scheduling;

public sealed class PreemptorSpec
{
    [Fact]
    public void The_least_important_pods_go_and_no_more_than_needed()
    {
        var plan = Plan(Running(("a", "a1", "2", 5), ("a", "a2", "2", 1), ("b", "b1", "4", 3)), Pod("p", cpu: "2", priority: 10));
        Assert.Equal(("a", "a2"), (plan!.Node, Victims(plan)));
    }

    [Fact]
    public void A_pod_of_equal_priority_stays() => Assert.Null(Plan(Running(("a", "a1", "4", 10), ("b", "b1", "4", 11)), Pod("p", cpu: "1", priority: 10)));

    [Fact]
    public void Who_must_not_preempt_waits()
    {
        var pod = Pod("p", cpu: "1", priority: 10);
        pod.Spec.PreemptionPolicy = "Never";
        Assert.Null(Plan(Running(("a", "a1", "4", 0), ("b", "b1", "4", 0)), pod));
    }

    [Fact]
    public void Nobody_goes_where_it_would_not_help()
    {
        var pod = Pod("p", cpu: "1", priority: 10);
        pod.Spec.NodeSelector = Labels("zone=z");
        Assert.Null(Plan(Running(("a", "a1", "4", 0), ("b", "b1", "4", 0)), pod));
        Assert.Null(Plan(Running(("a", "a1", "4", 0), ("b", "b1", "4", 0)), Pod("p", cpu: "5", priority: 10)));
    }

    [Fact]
    public void A_budget_is_kept_where_another_victim_will_do_and_broken_where_none_will()
    {
        V1PodDisruptionBudget[] budgets = [new() { Metadata = new() { Name = "b" }, Spec = new() { Selector = new() { MatchLabels = Labels("app=a") } }, Status = new() { DisruptionsAllowed = 0 } }];
        var running = Running(("a", "a1", "4", 0), ("b", "b1", "4", 5));
        Assert.Equal("b1", Victims(Plan(running, Pod("p", cpu: "1", priority: 10), budgets)!));
        Assert.Equal("a1", Victims(Plan(running, Pod("p", cpu: "1", priority: 3), budgets)!));
    }

    [Fact]
    public void Of_equal_choices_the_one_that_began_last_goes() =>
        Assert.Equal("b1", Victims(Plan(Running(("a", "a1", "4", 0), ("b", "b1", "4", 0)), Pod("p", cpu: "1", priority: 10), starts: new() { ["a1"] = 1, ["b1"] = 2 })!));

    [Fact]
    public void Several_pods_share_what_is_freed_and_nobody_goes_twice()
    {
        var cluster = Running(("a", "a1", "2", 0), ("a", "a2", "2", 0), ("b", "b1", "2", 0), ("b", "b2", "2", 0));
        var plans = Schedule(cluster, Enumerable.Range(0, 5).Select(i => PodInfo.From(Pod($"p{i}", cpu: "2", priority: 10)))).Preemptions;
        Assert.Equal(4, plans.Count);
        Assert.Equal(["a1", "a2", "b1", "b2"], plans.SelectMany(p => p.Victims).Select(v => v.Uid).Order());
    }

    [Fact]
    public void While_the_victims_leave_nobody_else_goes_and_nobody_less_important_takes_the_room()
    {
        var cluster = Running(("a", "a1", "2", 0), ("b", "b1", "4", 20));
        cluster = cluster.WithPod("a", cluster.Nodes["a"].Pods["a1"] with { IsDeleting = true });
        var waiting = PodInfo.From(Pod("p", cpu: "4", priority: 10)) with { NominatedNode = "a" };
        var result = Schedule(cluster, [waiting, PodInfo.From(Pod("small", cpu: "1"))]);
        Assert.Empty(result.Preemptions);
        Assert.Empty(result.Placements);
        Assert.Equal(["p", "small"], result.Unschedulable.Select(u => u.Pod.Uid).Order());
        Assert.DoesNotContain("p", result.After.Nodes["a"].Pods.Keys);
    }

    [Fact]
    public void Who_leaves_already_is_enough()
    {
        var cluster = Running(("a", "a1", "4", 0), ("b", "b1", "4", 20));
        cluster = cluster.WithPod("a", cluster.Nodes["a"].Pods["a1"] with { IsDeleting = true });
        var plan = Assert.Single(Schedule(cluster, [PodInfo.From(Pod("p", cpu: "4", priority: 10))]).Preemptions);
        Assert.Equal(("a", 0), (plan.Node, plan.Victims.Count));
    }

    [Fact]
    public void The_room_is_kept_from_less_important_pods_of_the_same_pass()
    {
        var small = Enumerable.Range(0, 3).Select(i => PodInfo.From(Pod($"small{i}", cpu: "1")));
        var result = Schedule(Running(("a", "a1", "1", 5), ("b", "b1", "4", 20)), [PodInfo.From(Pod("king", cpu: "4", priority: 10)), .. small]);
        Assert.Equal("a1", Victims(Assert.Single(result.Preemptions)));
        Assert.Empty(result.Placements);
    }

    [Fact]
    public void Where_the_most_important_victim_began_last_is_taken()
    {
        var cluster = Running(("a", "a5", "2", 5), ("a", "a0", "2", 0), ("b", "b5", "2", 5), ("b", "b0", "2", 0));
        var plan = Plan(cluster, Pod("p", cpu: "4", priority: 10), starts: new() { ["a5"] = 1, ["a0"] = 100, ["b5"] = 50, ["b0"] = 60 });
        Assert.Equal("b", plan!.Node);
    }

    [Fact]
    public void One_that_keeps_others_away_goes()
    {
        var cluster = Cluster().WithPod("a", PodInfo.From(Pod("king").Apart("app=web", "host"))).WithPod("b", PodInfo.From(Pod("b1", cpu: "4", priority: 20)));
        Assert.Equal("king", Victims(Plan(cluster, Pod("p", "app=web", priority: 10))!));
    }

    [Fact]
    public void After_the_victims_left_the_pod_fits_and_every_victim_was_less_important() => Gen.Select(
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3]).Array[0, 8], Gen.Int[1, 4], Gen.Int[0, 4]).Sample((running, cpu, priority) =>
    {
        var cluster = Cluster();
        foreach (var ((size, rank), i) in running.Select((r, i) => (r, i)))
        {
            var node = i % 2 == 0 ? "a" : "b";
            if (cluster.Nodes[node].Free.Cpu >= size * 1000)
            {
                cluster = cluster.WithPod(node, PodInfo.From(Pod($"r{i}", cpu: $"{size}", priority: rank)));
            }
        }

        var pod = PodInfo.From(Pod("p", cpu: $"{cpu}", priority: priority));
        var result = Schedule(cluster, [pod]);
        if (result.Placements.Count > 0)
        {
            Assert.Empty(result.Preemptions);
            return;
        }

        // It waits only where even all of lower priority would not be enough.
        if (result.Preemptions.Count == 0)
        {
            Assert.All(cluster.Nodes.Values, n => Assert.True(n.Free.Cpu + n.Pods.Values.Where(p => p.Priority < priority).Sum(p => p.Requests.Cpu) < cpu * 1000));
            return;
        }

        var plan = Assert.Single(result.Preemptions);
        Assert.All(plan.Victims, v => Assert.True(v.Priority < priority));
        var free = plan.Victims.Aggregate(cluster, (c, v) => c.WithoutPod(plan.Node, v.Uid)).Nodes[plan.Node].Free.Cpu;
        Assert.True(free >= cpu * 1000);
        Assert.All(plan.Victims, v => Assert.True(free - v.Requests.Cpu < cpu * 1000, "a victim goes in vain"));
    });

    [Fact]
    public void Why_nobody_goes_is_said()
    {
        var running = Running(("a", "a1", "4", 10), ("b", "b1", "4", 10));
        string Why(V1Pod pod) => Assert.Single(Schedule(running, [PodInfo.From(pod)]).Unschedulable).Why.Message;
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.", Why(Pod("p", cpu: "1", priority: 10)));
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu.", Why(Pod("p", cpu: "1", priority: 11)));
        var (elsewhere, meek) = (Pod("p", cpu: "1"), Pod("p", cpu: "1", priority: 11));
        elsewhere.Spec.NodeSelector = Labels("host=a");
        meek.Spec.PreemptionPolicy = "Never";
        Assert.EndsWith(" preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.", Why(elsewhere), StringComparison.Ordinal);
        Assert.EndsWith(" preemption: not eligible due to preemptionPolicy=Never.", Why(meek), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_are_freed_for_ten_constrained_pods_at_once_and_for_the_others_after_them()
    {
        var cluster = Enumerable.Range(0, 14).Select(i => $"n{i:00}").Aggregate(ClusterSnapshot.Empty, (c, n) => c.With(NewNode(n)).WithPod(n, PodInfo.From(Pod($"low-{n}", cpu: "4"))));
        IReadOnlyList<PodInfo> waiting = [.. Enumerable.Range(0, 13).Select(i => PodInfo.From(Pod($"p{i:00}", "app=web", "4", 10).Apart("app=web")))];
        var first = Schedule(cluster, waiting);
        Assert.Equal(10, first.Preemptions.Count);
        Assert.Equal(10, first.Preemptions.Select(p => p.Node).Distinct().Count());
        cluster = first.Preemptions.Aggregate(cluster, (c, p) => c.WithoutPod(p.Node, p.Victims[0].Uid));
        var second = Schedule(cluster, [.. waiting.Select(p => p with { NominatedNode = first.Preemptions.FirstOrDefault(f => f.Pod.Uid == p.Uid)?.Node })]);
        Assert.Equal(10, second.Placements.Count);
        Assert.Equal(3, second.Preemptions.Count);
    }

    private static ClusterSnapshot Cluster() => ClusterSnapshot.Empty.With(NewNode("a")).With(NewNode("b"));

    private static ClusterSnapshot Running(params (string Node, string Name, string Cpu, int Priority)[] pods) =>
        pods.Aggregate(Cluster(), (c, p) => c.WithPod(p.Node, PodInfo.From(Pod(p.Name, $"app={p.Node}", p.Cpu, p.Priority))));

    private static SchedulingResult Schedule(ClusterSnapshot cluster, IEnumerable<PodInfo> pods, V1PodDisruptionBudget[]? budgets = null, Dictionary<string, int>? starts = null) =>
        SchedulingPipeline.Schedule(cluster, [.. pods], new VictimFacts(p => starts is null ? null : DateTime.UnixEpoch.AddSeconds(starts[p.Uid]), _ => budgets ?? []));

    private static PreemptionPlan? Plan(ClusterSnapshot cluster, V1Pod pod, V1PodDisruptionBudget[]? budgets = null, Dictionary<string, int>? starts = null) =>
        Schedule(cluster, [PodInfo.From(pod)], budgets, starts).Preemptions.SingleOrDefault();

    private static string Victims(PreemptionPlan plan) => string.Join(',', plan.Victims.Select(v => v.Uid));
}
