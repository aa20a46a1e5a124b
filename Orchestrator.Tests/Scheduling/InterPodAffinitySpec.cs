using System.Collections.Frozen;
using k8s.Models;
using Orchestrator.Actors.Scheduling;
using static Orchestrator.Tests.Scheduling.Pods;

namespace Orchestrator.Tests.Scheduling;

public sealed class InterPodAffinitySpec
{
    private static readonly ClusterSnapshot Zones = new[] { NewNode("a1", "zone=a"), NewNode("a2", "zone=a"), NewNode("b1", "zone=b"), NewNode("x") }.Aggregate(ClusterSnapshot.Empty, (c, n) => c.With(n));

    [Fact]
    public void A_pod_goes_where_its_neighbours_are() =>
        Assert.StartsWith("b", NodeOf(With(("b1", Pod("db", "app=db"))), Pod("web").Near("app=db")), StringComparison.Ordinal);

    [Fact]
    public void Without_neighbours_it_waits_and_says_why() => Assert.Equal(
        "0/4 nodes are available: 4 node(s) didn't match pod affinity rules.", Why(Zones, Pod("web").Near("app=db")));

    [Fact]
    public void The_first_of_those_that_want_to_be_together_finds_a_place_and_the_others_follow_it()
    {
        var placed = Schedule(Zones, [.. Enumerable.Range(0, 5).Select(i => Pod($"p{i}", "app=web").Near("app=web"))]).Placements;
        Assert.Equal(5, placed.Count);
        Assert.Single(placed.Select(p => p.Node[0]).Distinct());
    }

    [Fact]
    public void A_node_without_the_label_is_no_place_for_affinity_and_any_place_for_anti_affinity()
    {
        var cluster = With(("x", Pod("db", "app=db")));
        Assert.StartsWith("0/4", Why(cluster, Pod("web").Near("app=db")), StringComparison.Ordinal);
        Assert.Equal(4, Schedule(With(("a1", Pod("db", "app=db"))), [.. Enumerable.Range(0, 4).Select(i => Pod($"p{i}", cpu: "3").Apart("app=nobody", "zone"))]).Placements.Count);
    }

    [Fact]
    public void Pods_that_keep_apart_get_a_node_each_and_the_rest_waits()
    {
        var result = Schedule(Zones, [.. Enumerable.Range(0, 5).Select(i => Pod($"p{i}", "app=web").Apart("app=web"))]);
        Assert.Equal(["a1", "a2", "b1", "x"], result.Placements.Select(p => p.Node).Order());
        Assert.Equal("0/4 nodes are available: 4 node(s) didn't match pod anti-affinity rules.", Assert.Single(result.Unschedulable).Why.Message);
    }

    [Fact]
    public void Who_runs_already_keeps_others_away() => Assert.Equal(
        "0/4 nodes are available: 1 Insufficient cpu, 3 node(s) didn't satisfy existing pods anti-affinity rules.",
        Why(With(("a1", Pod("king").Apart("app=web", "zone")), ("b1", Pod("queen").Apart("app=web", "zone")), ("x", Pod("full", cpu: "4"))), Pod("web", "app=web")));

    [Fact]
    public void Namespaces_are_the_own_one_unless_the_term_names_or_selects_others()
    {
        var cluster = With(("b1", Pod("db", "app=db", ns: "data"))).WithNamespace("data", new Dictionary<string, string> { ["team"] = "one" }.ToFrozenDictionary());
        Assert.StartsWith("0/4", Why(cluster, Pod("web").Near("app=db")), StringComparison.Ordinal);
        foreach (var more in (Action<V1PodAffinityTerm>[])[t => t.Namespaces = ["data"], t => t.NamespaceSelector = new() { MatchLabels = Labels("team=one") }, t => t.NamespaceSelector = new()])
        {
            var term = Term("app=db", "zone");
            more(term);
            Assert.Equal("b1", NodeOf(cluster, Pod("web").With(near: term)));
        }

        var other = Term("app=db", "zone");
        other.NamespaceSelector = new() { MatchLabels = Labels("team=two") };
        Assert.StartsWith("0/4", Why(cluster, Pod("web").With(near: other)), StringComparison.Ordinal);
    }

    [Fact]
    public void Own_labels_narrow_a_term()
    {
        var cluster = With(("a1", Pod("old", "app=web,version=1")), ("b1", Pod("new", "app=web,version=2")));
        var same = Term("app=web", "zone");
        same.MatchLabelKeys = ["version", "absent"];
        Assert.Equal("b1", NodeOf(cluster, Pod("p", "app=web,version=2").With(near: same)));
        var different = Term("app=web", "zone");
        different.MismatchLabelKeys = ["version"];
        Assert.StartsWith("a", NodeOf(cluster, Pod("p", "app=web,version=2").With(near: different)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "b1")]
    [InlineData(-1, "a")]
    public void What_is_preferred_decides_between_nodes_that_fit(int sign, string node)
    {
        var pod = Pod("web");
        var preferred = new V1WeightedPodAffinityTerm { Weight = 100, PodAffinityTerm = Term("app=db", "zone") };
        pod.Spec.Affinity = sign > 0 ? new() { PodAffinity = new() { PreferredDuringSchedulingIgnoredDuringExecution = [preferred] } }
            : new() { PodAntiAffinity = new() { PreferredDuringSchedulingIgnoredDuringExecution = [preferred] } };
        Assert.StartsWith(node, NodeOf(With(("b1", Pod("db", "app=db"))), pod), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_runs_already_draws_what_it_prefers()
    {
        var king = Pod("king");
        king.Spec.Affinity = new() { PodAffinity = new() { PreferredDuringSchedulingIgnoredDuringExecution = [new() { Weight = 100, PodAffinityTerm = Term("app=web", "zone") }] } };
        Assert.Equal("b1", NodeOf(With(("b1", king)), Pod("web", "app=web")));
    }

    [Fact]
    public void Who_has_only_room_kept_keeps_others_away_and_draws_none()
    {
        var db = PodInfo.From(Pod("db", "app=db").Apart("app=cache", "zone")) with { IsExpected = true };
        var cluster = Zones.WithPod("b1", db);
        Assert.StartsWith("0/4", Why(cluster, Pod("web").Near("app=db")), StringComparison.Ordinal);
        Assert.Equal(3, Schedule(cluster, [.. Enumerable.Range(0, 4).Select(i => Pod($"w{i}", cpu: "3").Apart("app=db", "zone"))]).Placements.Count);
        Assert.Equal(3, Schedule(cluster, [.. Enumerable.Range(0, 4).Select(i => Pod($"c{i}", "app=cache", cpu: "3"))]).Placements.Count);
    }

    private static ClusterSnapshot With(params (string Node, V1Pod Pod)[] running) => running.Aggregate(Zones, (c, r) => c.WithPod(r.Node, PodInfo.From(r.Pod)));

    private static SchedulingResult Schedule(ClusterSnapshot cluster, IReadOnlyList<V1Pod> pods) => SchedulingPipeline.Schedule(cluster, [.. pods.Select(PodInfo.From)]);

    private static string NodeOf(ClusterSnapshot cluster, V1Pod pod) => Assert.Single(Schedule(cluster, [pod]).Placements).Node;

    private static string Why(ClusterSnapshot cluster, V1Pod pod) => Assert.Single(Schedule(cluster, [pod]).Unschedulable).Why.Message;
}
