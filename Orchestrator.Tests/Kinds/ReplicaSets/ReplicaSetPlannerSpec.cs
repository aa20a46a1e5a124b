using CsCheck;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.ReplicaSets;

public sealed class ReplicaSetPlannerSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Missing_pods_are_created()
    {
        var plan = Plan(Rs(3), [Pod("a")], Now);
        Assert.Equal(2, plan.CreateCount);
        Assert.Empty(plan.Delete);
    }

    [Fact]
    public void Failed_succeeded_and_deleted_pods_do_not_count()
    {
        var leaving = Pod("c");
        leaving.Metadata.DeletionTimestamp = Now.UtcDateTime;
        var plan = Plan(Rs(3), [Pod("a", phase: "Failed"), Pod("b", phase: "Succeeded"), leaving], Now);
        Assert.Equal(3, plan.CreateCount);
        Assert.Equal((0, 1), (plan.Status!.Replicas, plan.Status.TerminatingReplicas));
    }

    [Fact]
    public void A_replica_set_being_deleted_creates_nothing()
    {
        var rs = Rs(3);
        rs.Metadata.DeletionTimestamp = Now.UtcDateTime;
        Assert.Equal(0, Plan(rs, [], Now).CreateCount);
    }

    [Fact]
    public void A_matching_orphan_is_adopted_and_counts()
    {
        var orphan = Pod("a");
        orphan.Metadata.OwnerReferences = null;
        var plan = Plan(Rs(1), [orphan], Now);
        Assert.Equal(orphan.Metadata.Uid, Assert.Single(plan.Adopt).Object.Uid);
        Assert.Equal(0, plan.CreateCount);
    }

    [Fact]
    public void An_owned_pod_whose_labels_no_longer_match_is_released_and_replaced()
    {
        var pod = Pod("a");
        pod.Metadata.Labels["app"] = "debug";
        var plan = Plan(Rs(1), [pod], Now);
        Assert.Equal(pod.Metadata.Uid, Assert.Single(plan.Release).Object.Uid);
        Assert.Equal(1, plan.CreateCount);
    }

    [Fact]
    public void A_pod_of_another_controller_is_left_alone()
    {
        var pod = Pod("a");
        pod.Metadata.OwnerReferences[0].Uid = "other";
        var plan = Plan(Rs(1), [pod], Now);
        Assert.Equal((1, 0, 0), (plan.CreateCount, plan.Adopt.Count, plan.Release.Count));
    }

    public static TheoryData<string, string> Preferences => new()
    {
        { "unassigned", "pending" }, { "pending", "unknown" }, { "unknown", "unready" }, { "unready", "cheap" }, { "cheap", "plain" },
        { "crowded", "plain" }, { "recently ready", "plain" }, { "restarted", "plain" }, { "newer", "plain" },
    };

    [Theory]
    [MemberData(nameof(Preferences))]
    public void The_pod_whose_loss_hurts_less_goes_first(string first, string second)
    {
        List<V1Pod> pods = [Named(second), Named(first)];
        var plan = Plan(Rs(1), pods, Now, related: [.. pods, Pod("neighbour", node: "n9")]);
        Assert.Equal(first, Assert.Single(plan.Delete).Object.Name);
    }

    [Fact]
    public void A_ready_pod_becomes_available_after_min_ready_seconds()
    {
        var rs = Rs(1);
        rs.Spec.MinReadySeconds = 30;
        var pod = Pod("a", readyFor: TimeSpan.FromSeconds(10));
        var early = Plan(rs, [pod], Now);
        Assert.Equal((1, 0), (early.Status!.ReadyReplicas, early.Status.AvailableReplicas));
        Assert.Equal(TimeSpan.FromSeconds(20), early.RecheckAfter);
        var later = Plan(rs, [pod], Now.AddSeconds(20));
        Assert.Equal(1, later.Status!.AvailableReplicas);
        Assert.Null(later.RecheckAfter);
    }

    [Fact]
    public void Pods_about_to_be_deleted_no_longer_count_as_available()
    {
        var plan = Plan(Rs(1), [Pod("a"), Pod("b"), Pod("c")], Now);
        Assert.Equal((2, 1, 1), (plan.Delete.Count, plan.Status!.Replicas, plan.Status.AvailableReplicas));
    }

    [Fact]
    public void A_failure_is_reported_until_it_is_over()
    {
        var rs = Rs(1);
        rs.Status = Plan(rs, [], Now, new ReplicaFailure("FailedCreate", "quota")).Status;
        Assert.Equal("FailedCreate", Assert.Single(rs.Status!.Conditions).Reason);
        Assert.Null(Plan(rs, [], Now, new ReplicaFailure("FailedCreate", "quota")).Status);
        Assert.Null(Plan(rs, [], Now).Status!.Conditions);
    }

    [Fact]
    public void A_new_pod_follows_the_template_and_names_its_owner()
    {
        var rs = Rs(1);
        var pod = TemplatedPods.NewPod(ReplicaSetDefinition.Instance, rs.Metadata, rs.Spec.Template);
        Assert.Equal("web-", pod.Metadata.GenerateName);
        Assert.Equal("web", pod.Metadata.Labels["app"]);
        var owner = Assert.Single(pod.Metadata.OwnerReferences);
        Assert.Equal(("ReplicaSet", "rs-uid", true, true), (owner.Kind, owner.Uid, owner.Controller, owner.BlockOwnerDeletion));
        Assert.Equal("c", Assert.Single(pod.Spec.Containers).Name);
    }

    [Fact]
    public void Any_set_of_pods_reaches_the_wanted_size_in_one_step_and_stays()
    {
        var phases = Gen.Int[0, 3].Select(i => new[] { "Pending", "Running", "Failed", "Unknown" }[i]);
        Gen.Select(Gen.Int[0, 20], Gen.Select(phases, Gen.Bool).Array[0, 30]).Sample((replicas, kinds) =>
        {
            var rs = Rs(replicas);
            var pods = kinds.Select((k, i) => Pod("p" + i, phase: k.Item1, ready: k.Item2 && k.Item1 == "Running")).ToList();
            var plan = Plan(rs, pods, Now);
            Assert.True(plan.CreateCount == 0 || plan.Delete.Count == 0);
            var ready = plan.Delete.Count(p => p.IsReady);
            Assert.True(ready == 0 || plan.Delete.Count >= pods.Count(p => p.Outline() is { IsActive: true, IsReady: false }) + ready);
            var next = pods.ExceptBy(plan.Delete.Select(d => d.Object.Uid), p => p.Metadata.Uid).Concat(Enumerable.Range(0, plan.CreateCount).Select(i => Pod("new" + i, phase: "Pending", ready: false))).ToList();
            var again = Plan(rs, next, Now);
            Assert.Equal((0, 0, replicas), (again.CreateCount, again.Delete.Count, again.Status!.Replicas));
        }, iter: 200);
    }

    private static ReplicaSetPlan Plan(V1ReplicaSet rs, IEnumerable<V1Pod> pods, DateTimeOffset now, ReplicaFailure? failure = null, IEnumerable<V1Pod>? related = null) =>
        ReplicaSetPlanner.Plan(rs, [.. pods.Select(p => p.Outline())], now, failure, related: related is null ? null : [.. related.Select(p => p.Outline())]);

    private static V1Pod Named(string name) => name switch
    {
        "unassigned" => Pod(name, node: "", phase: "Pending", ready: false),
        "pending" => Pod(name, phase: "Pending", ready: false),
        "unknown" => Pod(name, phase: "Unknown", ready: false),
        "unready" => Pod(name, ready: false),
        "cheap" => With(Pod(name), p => p.Metadata.Annotations = new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = "-5" }),
        "crowded" => Pod(name, node: "n9"),
        "recently ready" => Pod(name, readyFor: TimeSpan.FromSeconds(5)),
        "restarted" => With(Pod(name), p => p.Status.ContainerStatuses = [new V1ContainerStatus { RestartCount = 4 }]),
        "newer" => With(Pod(name), p => p.Metadata.CreationTimestamp = Now.UtcDateTime.AddSeconds(-5)),
        _ => Pod(name),
    };

    private static V1Pod With(V1Pod pod, Action<V1Pod> change)
    {
        change(pod);
        return pod;
    }

    private static V1Pod Pod(string name, string node = "n1", string phase = "Running", bool ready = true, TimeSpan? readyFor = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name, Uid = name, NamespaceProperty = "default", CreationTimestamp = Now.UtcDateTime.AddHours(-2),
            Labels = new Dictionary<string, string> { ["app"] = "web" },
            OwnerReferences = [ControllerRefs.ReferenceTo("apps/v1", "ReplicaSet", Rs(0).Metadata)],
        },
        Spec = new V1PodSpec { NodeName = node == "n1" ? "n-" + name : node },
        Status = new V1PodStatus
        {
            Phase = phase,
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = (Now - (readyFor ?? TimeSpan.FromHours(1))).UtcDateTime }],
        },
    };

    private static V1ReplicaSet Rs(int replicas) => new()
    {
        Metadata = new V1ObjectMeta { Name = "web", Uid = "rs-uid", NamespaceProperty = "default", Generation = 1 },
        Spec = new V1ReplicaSetSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } },
                Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "nginx" }] },
            },
        },
    };
}
