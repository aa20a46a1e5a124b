using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.DaemonSets;

public sealed class DaemonSetPlannerSpec
{
    private const string Current = "current";
    private const string Old = "old";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_node_that_is_selected_and_tolerated_gets_a_pod()
    {
        var set = Set(s => s.Template.Spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" });
        var plan = Plan(set, [Node("a", ("disk", "ssd")), Node("b"), Tainted("c", "NoSchedule", ("disk", "ssd"))], []);
        Assert.Equal(["a"], plan.Create.Select(c => c.Node));
        Assert.Equal((1, 0, 0), (plan.Status!.DesiredNumberScheduled, plan.Status.CurrentNumberScheduled, plan.Status.NumberUnavailable is 1 ? 0 : 1));
    }

    [Theory]
    [InlineData("node.kubernetes.io/unschedulable", "NoSchedule", true)]
    [InlineData("node.kubernetes.io/not-ready", "NoExecute", true)]
    [InlineData("node.kubernetes.io/unreachable", "NoExecute", true)]
    [InlineData("node.kubernetes.io/disk-pressure", "NoSchedule", true)]
    [InlineData("node.kubernetes.io/network-unavailable", "NoSchedule", false)]
    [InlineData("dedicated", "NoSchedule", false)]
    [InlineData("dedicated", "PreferNoSchedule", true)]
    public void Taints_of_a_node_in_trouble_are_tolerated(string key, string effect, bool isTolerated) =>
        Assert.Equal(isTolerated, Plan(Set(), [Tainted("a", effect, key)], []).Create.Count == 1);

    [Theory]
    [InlineData("NoSchedule", 0)] // It stays.
    [InlineData("NoExecute", 1)]
    public void A_pod_on_a_node_that_got_a_taint_goes_only_if_it_must(string effect, int deleted)
    {
        var plan = Plan(Set(), [Tainted("a", effect)], [Pod("p", "a")]);
        Assert.Equal((deleted, 0), (plan.Delete.Count, plan.Create.Count));
        Assert.Equal((0, 1), (plan.Status!.DesiredNumberScheduled, plan.Status.NumberMisscheduled));
    }

    [Fact]
    public void A_pod_on_a_node_that_is_no_longer_selected_goes() =>
        Assert.Equal("p", Assert.Single(Plan(Set(s => s.Template.Spec.NodeSelector = new Dictionary<string, string> { ["x"] = "y" }), [Node("a")], [Pod("p", "a")]).Delete).Pod.Name);

    [Fact]
    public void Of_two_pods_on_a_node_the_older_one_stays()
    {
        var older = Pod("older", "a");
        older.Metadata.CreationTimestamp = Now.UtcDateTime.AddDays(-1);
        Assert.Equal("newer", Assert.Single(Plan(Set(), [Node("a")], [Pod("newer", "a"), older]).Delete).Pod.Name);
    }

    [Fact]
    public void A_pod_that_leaves_keeps_its_place_until_it_is_gone()
    {
        var leaving = Pod("p", "a");
        leaving.Metadata.DeletionTimestamp = Now.UtcDateTime;
        var plan = Plan(Set(), [Node("a")], [leaving]);
        Assert.Equal((0, 0, 0), (plan.Create.Count, plan.Delete.Count, plan.Status!.CurrentNumberScheduled));
    }

    [Fact]
    public void A_pod_that_waits_for_a_node_that_is_gone_goes()
    {
        var waiting = Pod("p", "", phase: "Pending");
        waiting.Spec.Affinity = DaemonPlacement.AffinityTo("gone", null);
        Assert.Equal("p", Assert.Single(Plan(Set(), [Node("a")], [waiting]).Delete).Pod.Name);
    }

    [Theory]
    [InlineData(null, 0.5, false)]
    [InlineData(null, 1, true)]
    [InlineData("1", 1.5, false)]
    [InlineData("3", 8, true)]
    [InlineData("50", 899, false)] // 15 minutes at most
    [InlineData("50", 900, true)]
    public void A_failed_pod_is_replaced_after_a_pause_that_doubles(string? failures, double seconds, bool isReplaced)
    {
        var failed = Pod("p", "a", phase: "Failed");
        failed.Metadata.CreationTimestamp = Now.UtcDateTime.AddSeconds(-seconds);
        failed.Metadata.Annotations = failures is null ? null : new Dictionary<string, string> { [DaemonPod.FailuresAnnotation] = failures };
        var plan = Plan(Set(), [Node("a")], [failed]);
        Assert.Equal(isReplaced, plan.Delete is [{ HasFailed: true }]);
        Assert.Equal(isReplaced ? [int.Parse(failures ?? "0") + 1] : [], plan.Create.Select(c => c.Failures));
        Assert.Equal(isReplaced, plan.RecheckAfter is null);
    }

    [Fact]
    public void A_new_pod_that_fails_in_a_rollout_with_surge_is_made_again_ever_later()
    {
        var failed = Pod("new", "n0", phase: "Failed");
        failed.Metadata.CreationTimestamp = Now.UtcDateTime.AddSeconds(-20);
        failed.Metadata.Annotations = new Dictionary<string, string> { [DaemonPod.FailuresAnnotation] = "4" };
        var plan = Plan(Set(s => s.UpdateStrategy.RollingUpdate = new V1RollingUpdateDaemonSet { MaxSurge = "1", MaxUnavailable = "0" }), Nodes(1), [Pod("old", "n0", Old), failed]);
        Assert.Equal((("n0", 5), "new"), ((Assert.Single(plan.Create).Node, plan.Create[0].Failures), Assert.Single(plan.Delete).Pod.Name));
    }

    [Fact]
    public void A_pod_that_ran_for_long_begins_a_new_row_of_failures()
    {
        var failed = Pod("p", "a", phase: "Failed");
        failed.Metadata.Annotations = new Dictionary<string, string> { [DaemonPod.FailuresAnnotation] = "9" };
        Assert.Equal(1, Assert.Single(Plan(Set(), [Node("a")], [failed]).Create).Failures); // It was made two hours ago.
    }

    [Fact]
    public void A_pod_that_waits_for_no_node_in_particular_is_left_alone() =>
        Assert.Empty(Plan(Set(), [Node("a")], [Pod("p", "", phase: "Pending")]).Delete);

    [Theory]
    [InlineData("1", "0", null)]
    [InlineData("0", "50%", null)]
    [InlineData("0", "0", "maxUnavailable")]
    [InlineData("1", "1", "maxSurge")]
    [InlineData("abc", "0", "maxUnavailable")]
    [InlineData("101%", "0", "maxUnavailable")]
    [InlineData("-1", "0", "maxUnavailable")]
    public void What_cannot_roll_is_refused(string unavailable, string surge, string? field)
    {
        var errors = new FieldErrors();
        var set = (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(Set(s => s.UpdateStrategy.RollingUpdate = new V1RollingUpdateDaemonSet { MaxSurge = surge, MaxUnavailable = unavailable })))!;
        new DaemonSetStrategy().Validate(set, errors);
        Assert.Equal(field is null ? [] : [$"spec.updateStrategy.rollingUpdate.{field}"], errors.All.Select(e => e.Field).Where(f => f.StartsWith("spec.updateStrategy", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("2", 2)]
    [InlineData("50%", 2)]
    [InlineData("26%", 2)] // rounded up
    public void A_rollout_takes_as_many_old_pods_as_may_be_unavailable(string maxUnavailable, int deleted)
    {
        var set = Set(s => s.UpdateStrategy.RollingUpdate.MaxUnavailable = maxUnavailable);
        var plan = Plan(set, Nodes(4), [.. Four(Old)]);
        Assert.Equal((deleted, 0), (plan.Delete.Count, plan.Create.Count));
    }

    [Fact]
    public void Old_pods_that_are_not_available_go_first_and_count()
    {
        var pods = Four(Old).ToList();
        pods[2].Status.Conditions[0].Status = "False";
        Assert.Equal(["p2"], Plan(Set(), Nodes(4), pods).Delete.Select(d => d.Pod.Name));
    }

    [Fact]
    public void A_rollout_waits_for_a_new_pod_that_is_not_yet_available_long_enough()
    {
        var pods = Four(Old).ToList();
        pods[0] = Pod("new", "n0", Current, readyFor: TimeSpan.FromSeconds(4));
        var plan = Plan(Set(s => s.MinReadySeconds = 10), Nodes(4), pods);
        Assert.Empty(plan.Delete);
        Assert.Equal(TimeSpan.FromSeconds(6), plan.RecheckAfter);
    }

    [Fact]
    public void With_surge_new_pods_come_first_and_replace_the_old_ones_when_they_are_available()
    {
        var set = Set(s => s.UpdateStrategy.RollingUpdate = new V1RollingUpdateDaemonSet { MaxSurge = "50%", MaxUnavailable = "0" });
        var first = Plan(set, Nodes(4), [.. Four(Old)]);
        Assert.Equal((2, 0), (first.Create.Count, first.Delete.Count));
        var waits = Plan(set, Nodes(4), [.. Four(Old), Pod("new0", "n0", Current, ready: false), Pod("new1", "n1", Current)]);
        Assert.Equal(["p1"], waits.Delete.Select(d => d.Pod.Name));
        Assert.Single(waits.Create);
        Assert.Equal((null, 4), (waits.Status!.UpdatedNumberScheduled, waits.Status.NumberAvailable)); // Nothing is over while the old pods are there.
    }

    [Fact]
    public void OnDelete_replaces_only_what_the_user_deletes()
    {
        var set = Set(s => s.UpdateStrategy = new V1DaemonSetUpdateStrategy { Type = "OnDelete" });
        var plan = Plan(set, Nodes(4), [.. Four(Old).Skip(1)]);
        Assert.Equal((1, 0), (plan.Create.Count, plan.Delete.Count));
        Assert.Null(plan.Status!.UpdatedNumberScheduled);
    }

    [Fact]
    public void A_daemon_set_being_deleted_does_nothing()
    {
        var set = Set();
        set.Metadata.DeletionTimestamp = Now.UtcDateTime;
        var plan = Plan(set, Nodes(2), [Pod("p", "n0", Old)]);
        Assert.Equal((0, 0), (plan.Create.Count, plan.Delete.Count));
    }

    [Fact]
    public void Whatever_there_is_becomes_one_available_pod_per_node_and_never_loses_more_than_may_be_unavailable()
    {
        var surges = Gen.Int[0, 2];
        var start = Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Bool).Array[0, 12]; // node, revision, ready
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3], surges, start).Sample((nodes, unavailable, surge, pods) =>
        {
            var set = Set(s => s.UpdateStrategy.RollingUpdate = new V1RollingUpdateDaemonSet { MaxSurge = $"{surge}", MaxUnavailable = $"{(surge == 0 ? Math.Max(1, unavailable) : 0)}" });
            var world = pods.Select((p, i) => Pod($"s{i}", $"n{p.Item1 % nodes}", p.Item2 ? Current : Old, ready: p.Item3)).ToList();
            var there = Nodes(nodes).ToList();
            for (var step = 0; step < 60; step++)
            {
                var plan = Plan(set, there, world);
                set.Status = plan.Status ?? set.Status;
                var before = Available(world, nodes);
                world.RemoveAll(p => plan.Delete.Any(d => d.Pod.Name == p.Metadata.Name));
                var allowed = surge > 0 ? 0 : Math.Max(1, unavailable);
                Assert.True(Available(world, nodes) >= Math.Min(before, nodes - allowed), "more pods left than may be unavailable");
                if (plan is { Create: [], Delete: [], Status: null } && world.All(p => p.Status.Conditions[0].Status == "True"))
                {
                    Assert.Equal(Enumerable.Range(0, nodes).Select(n => ($"n{n}", Current)), world.Select(p => (p.Spec.NodeName, p.Metadata.Labels[DaemonPod.HashLabel])).Order());
                    return;
                }

                world.ForEach(p => p.Status.Conditions[0].Status = "True");
                world.AddRange(plan.Create.Select((c, i) => Pod($"c{step}-{i}", c.Node, ready: false)));
            }

            Assert.Fail("It never settles.");
        }, iter: 300);
    }

    private static int Available(List<V1Pod> pods, int nodes) =>
        Enumerable.Range(0, nodes).Count(n => pods.Any(p => p.Spec.NodeName == $"n{n}" && p.Status.Conditions[0].Status == "True"));

    private static DaemonSetPlan Plan(V1DaemonSet set, IEnumerable<V1Node> nodes, IReadOnlyList<V1Pod> pods) =>
        DaemonSetPlanner.Plan(set, Current, nodes, [.. pods.Select(p => DaemonPod.Of(p.Outline()))], null, Now);

    private static IEnumerable<V1Node> Nodes(int count) => Enumerable.Range(0, count).Select(i => Node($"n{i}"));

    private static IEnumerable<V1Pod> Four(string hash) => Enumerable.Range(0, 4).Select(i => Older(Pod($"p{i}", $"n{i}", hash)));

    private static V1Pod Older(V1Pod pod)
    {
        pod.Metadata.CreationTimestamp = Now.UtcDateTime.AddDays(-1);
        return pod;
    }

    private static V1Node Node(string name, params (string Key, string Value)[] labels) =>
        new() { Metadata = new V1ObjectMeta { Name = name, Labels = labels.ToDictionary(l => l.Key, l => l.Value) }, Spec = new V1NodeSpec() };

    private static V1Node Tainted(string name, string effect, params (string Key, string Value)[] labels)
    {
        var node = Node(name, labels);
        node.Spec.Taints = [new V1Taint { Key = "dedicated", Effect = effect }];
        return node;
    }

    private static V1Node Tainted(string name, string effect, string key)
    {
        var node = Node(name);
        node.Spec.Taints = [new V1Taint { Key = key, Effect = effect }];
        return node;
    }

    private static V1Pod Pod(string name, string node, string hash = Current, string phase = "Running", bool ready = true, TimeSpan? readyFor = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name, Uid = name, NamespaceProperty = "default", CreationTimestamp = Now.UtcDateTime.AddHours(-2),
            Labels = new Dictionary<string, string> { ["app"] = "agent", [DaemonPod.HashLabel] = hash },
            OwnerReferences = [ControllerRefs.ReferenceTo("apps/v1", "DaemonSet", Set().Metadata)],
        },
        Spec = new V1PodSpec { NodeName = node.Length > 0 ? node : null, Containers = [new V1Container { Name = "c", Image = "i" }] },
        Status = new V1PodStatus
        {
            Phase = phase,
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready && phase == "Running" ? "True" : "False", LastTransitionTime = (Now - (readyFor ?? TimeSpan.FromHours(1))).UtcDateTime }],
        },
    };

    private static V1DaemonSet Set(Action<V1DaemonSetSpec>? change = null)
    {
        var set = new V1DaemonSet
        {
            Metadata = new V1ObjectMeta { Name = "agent", Uid = "ds-uid", NamespaceProperty = "default", Generation = 1 },
            Spec = new V1DaemonSetSpec
            {
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "agent" } },
                UpdateStrategy = new V1DaemonSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateDaemonSet { MaxSurge = "0", MaxUnavailable = "1" } },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "agent" } },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] },
                },
            },
        };
        change?.Invoke(set.Spec);
        return set;
    }
}
