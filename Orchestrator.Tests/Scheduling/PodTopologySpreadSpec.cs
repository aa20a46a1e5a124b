using CsCheck;
using k8s.Models;
using Orchestrator.Actors.Scheduling;
using static Orchestrator.Tests.Scheduling.Pods;

namespace Orchestrator.Tests.Scheduling;

public sealed class PodTopologySpreadSpec
{
    private static readonly ClusterSnapshot Zones = Cluster(NewNode("a1", "zone=a"), NewNode("a2", "zone=a"), NewNode("b1", "zone=b"), NewNode("c1", "zone=c"));

    [Fact]
    public void Domains_fill_evenly() => Gen.Select(Gen.Int[1, 3], Gen.Int[1, 20]).Sample((maxSkew, pods) =>
    {
        var placed = Schedule(Zones, pods, i => Pod($"p{i}", "app=web").Spread("app=web", maxSkew: maxSkew)).Placements;
        Assert.Equal(pods, placed.Count);
        var zones = "abc".Select(z => placed.Count(p => p.Node[0] == z)).ToList();
        Assert.True(zones.Max() - zones.Min() <= maxSkew, string.Join(' ', zones));
    });

    [Fact]
    public void A_full_domain_holds_up_the_others()
    {
        var result = Schedule(Cluster(NewNode("a1", "zone=a", "1"), NewNode("b1", "zone=b")), 5, i => Pod($"p{i}", "app=web", "1").Spread("app=web"));
        Assert.Equal(3, result.Placements.Count);
        Assert.Equal("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.", result.Unschedulable[0].Why.Message);
    }

    [Fact]
    public void A_node_without_the_label_is_no_domain() => Assert.Equal(
        "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
        Schedule(Cluster(NewNode("x")), 1, i => Pod("p", "app=web").Spread("app=web")).Unschedulable[0].Why.Message);

    [Fact]
    public void With_too_few_domains_each_takes_no_more_than_the_skew()
    {
        Assert.Equal(3, Schedule(Zones, 9, i => Pod($"p{i}", "app=web").Spread("app=web", minDomains: 4)).Placements.Count);
        Assert.Equal(9, Schedule(Zones, 9, i => Pod($"p{i}", "app=web").Spread("app=web", minDomains: 3)).Placements.Count);
    }

    [Fact]
    public void Only_nodes_that_the_pod_may_use_are_counted_unless_it_says_otherwise()
    {
        V1Pod Choosy(int i, string? policy)
        {
            var pod = Pod($"p{i}", "app=web").Spread("app=web", more: c => c.NodeAffinityPolicy = policy);
            pod.Spec.NodeSelector = Labels("zone=a");
            return pod;
        }

        Assert.Equal(4, Schedule(Zones, 4, i => Choosy(i, null)).Placements.Count);
        Assert.Single(Schedule(Zones, 4, i => Choosy(i, "Ignore")).Placements);
    }

    [Fact]
    public void Tainted_nodes_are_counted_unless_it_says_otherwise()
    {
        var tainted = NewNode("c1", "zone=c");
        tainted.Spec.Taints = [new() { Key = "k", Effect = "NoSchedule" }];
        var cluster = Cluster(NewNode("a1", "zone=a"), tainted);
        Assert.Single(Schedule(cluster, 3, i => Pod($"p{i}", "app=web").Spread("app=web")).Placements);
        Assert.Equal(3, Schedule(cluster, 3, i => Pod($"p{i}", "app=web").Spread("app=web", more: c => c.NodeTaintsPolicy = "Honor")).Placements.Count);
    }

    [Fact]
    public void Those_on_their_way_out_of_another_namespace_or_of_another_version_do_not_count()
    {
        var cluster = Cluster(NewNode("a1", "zone=a"), NewNode("b1", "zone=b"))
            .WithPod("a1", PodInfo.From(Pod("leaving", "app=web,v=2")) with { IsDeleting = true })
            .WithPod("a1", PodInfo.From(Pod("foreign", "app=web,v=2", ns: "other")))
            .WithPod("a1", PodInfo.From(Pod("old", "app=web,v=1")))
            .WithPod("b1", PodInfo.From(Pod("new", "app=web,v=2")));
        var placed = Schedule(cluster, 1, i => Pod("p", "app=web,v=2").Spread("app=web", more: c => c.MatchLabelKeys = ["v"])).Placements;
        Assert.Equal("a1", placed[0].Node);
    }

    [Fact]
    public void What_is_only_preferred_keeps_nobody_waiting()
    {
        var placed = Schedule(Cluster(NewNode("a1", "zone=a", "16"), NewNode("b1", "zone=b", "1")), 6, i => Pod($"p{i}", "app=web", "500m").Spread("app=web", isRequired: false)).Placements;
        Assert.Equal(6, placed.Count);
        Assert.Equal(2, placed.Count(p => p.Node == "b1"));
    }

    [Fact]
    public void Room_that_is_kept_fills_a_domain_and_does_not_raise_the_fewest()
    {
        PodInfo Kept(string name) => PodInfo.From(Pod(name, "app=web")) with { IsExpected = true };
        var full = Cluster(NewNode("a1", "zone=a"), NewNode("b1", "zone=b")).WithPod("a1", Kept("k1"));
        Assert.Equal(["b1"], Schedule(full, 1, i => Pod("p", "app=web").Spread("app=web")).Placements.Select(p => p.Node));
        var hoped = Cluster(NewNode("a1", "zone=a", "1"), NewNode("b1", "zone=b")).WithPod("a1", Kept("k2")).WithPod("a1", PodInfo.From(Pod("full", cpu: "900m")))
            .WithPod("b1", PodInfo.From(Pod("r", "app=web")));
        Assert.Empty(Schedule(hoped, 1, i => Pod("p", "app=web", cpu: "1").Spread("app=web")).Placements);
    }

    [Fact]
    public void Nodes_outside_of_a_domain_do_not_make_it_weigh_more()
    {
        // Zones count by what nodes in zones have: three on a1, so that the rack decides between b1 and b2.
        var cluster = Cluster([NewNode("a1", "zone=a,rack=1"), NewNode("b1", "zone=b,rack=2"), NewNode("b2", "zone=b,rack=3"), .. Enumerable.Range(0, 50).Select(i => NewNode($"x{i:00}", $"rack={i + 10}", "0"))])
            .WithPod("a1", PodInfo.From(Pod("r1", "app=web"))).WithPod("b1", PodInfo.From(Pod("r2", "app=web")));
        Assert.Equal("b2", Schedule(cluster, 1, i => Pod("p", "app=web").Spread("app=web", isRequired: false).Spread("app=web", "rack", isRequired: false)).Placements[0].Node);
    }

    private static ClusterSnapshot Cluster(params V1Node[] nodes) => nodes.Aggregate(ClusterSnapshot.Empty, (c, n) => c.With(n));

    private static SchedulingResult Schedule(ClusterSnapshot cluster, int pods, Func<int, V1Pod> pod) =>
        SchedulingPipeline.Schedule(cluster, [.. Enumerable.Range(0, pods).Select(i => PodInfo.From(pod(i)))]);
}
