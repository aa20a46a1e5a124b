using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Entities;

public class ObjectDeciderSpec
{
    private static readonly ObjectKey Web = PodDefinition.Instance.Key("default", "web");
    private static readonly DecideContext Context = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "uid-1");
    private long _revision;

    [Fact]
    public void A_created_pod_gets_uid_time_generation_and_phase()
    {
        var pod = Create(PodDefinition.Instance, Web, """{"spec":{"containers":[{"name":"a","image":"b"}]}}""");
        var node = pod.ToNode();
        Assert.Equal(("uid-1", 1L, 1L), (pod.Uid, pod.Generation, pod.Revision));
        Assert.Equal("2026-01-02T03:04:05Z", node["metadata"]!["creationTimestamp"]!.GetValue<string>());
        Assert.Equal("Pending", node["status"]!["phase"]!.GetValue<string>());
    }

    [Fact]
    public void A_second_creation_is_refused() =>
        Assert.Equal(ApiReason.AlreadyExists, Refusal(Pod(), new CreateObject(Web, [], "alice")).Reason);

    [Fact]
    public void A_stale_write_is_a_conflict() =>
        Assert.Equal(ApiReason.Conflict, Refusal(Pod(), new ReplaceObject(Web, Pod().ToNode(), "", 99, "alice")).Reason);

    [Fact]
    public void Writing_the_same_object_is_no_event() =>
        Assert.Empty(Decide(Pod(), new ReplaceObject(Web, Pod().ToNode(), "", 0, "alice")).Events);

    [Fact]
    public void A_spec_change_raises_the_generation_and_a_status_change_does_not()
    {
        var deployment = Create(DeploymentDefinition.Instance, DeploymentDefinition.Instance.Key("default", "d"), """{"spec":{"replicas":1}}""");
        var wanted = deployment.ToNode();
        wanted["spec"]!["replicas"] = 2;
        var changed = After(deployment, new ReplaceObject(deployment.Key, wanted, "", deployment.Revision, "alice"))!;
        var observed = changed.ToNode();
        observed["status"] = new JsonObject { ["replicas"] = 2 };
        observed["spec"]!["replicas"] = 7;
        var reported = After(changed, new ReplaceObject(deployment.Key, observed, "status", 0, "deployment"))!;
        Assert.Equal((2L, 2L), (changed.Generation, reported.Generation));
        Assert.Equal(2, reported.ToNode()["spec"]!["replicas"]!.GetValue<int>());
    }

    [Fact]
    public void Who_writes_the_status_may_annotate_and_change_nothing_else_of_the_metadata()
    {
        var job = Create(JobDefinition.Instance, JobDefinition.Instance.Key("default", "j"), """{"metadata":{"labels":{"a":"b"},"annotations":{"a":"b"}},"spec":{"manualSelector":true}}""");
        var written = job.ToNode();
        (written["metadata"]!["labels"]!["c"], written["metadata"]!["annotations"]!["c"]) = ("d", "d");
        var after = After(job, new ReplaceObject(job.Key, written, "status", 0, "user"))!;
        Assert.Equal("""{"a":"b"} {"a":"b","c":"d"}""", $"{after.ToNode()["metadata"]!["labels"]!.ToJsonString()} {after.ToNode()["metadata"]!["annotations"]!.ToJsonString()}");
        var silent = After(after, new ReplaceObject(job.Key, new JsonObject { ["status"] = new JsonObject { ["active"] = 1 } }, "status", 0, "controller"))!;
        Assert.Equal("""{"a":"b","c":"d"}""", silent.ToNode()["metadata"]!["annotations"]!.ToJsonString());
    }

    [Fact]
    public void A_pod_is_bound_once()
    {
        var bound = After(Pod(), new BindPod(Web, "uid-1", "n1", "scheduler"))!;
        Assert.Equal("n1", bound.NodeName);
        Assert.Empty(Decide(bound, new BindPod(Web, "uid-1", "n1", "scheduler")).Events);
        Assert.Equal(ApiReason.Conflict, Refusal(bound, new BindPod(Web, "uid-1", "n2", "scheduler")).Reason);
        Assert.Equal(ApiReason.Conflict, Refusal(Pod(), new BindPod(Web, "other", "n1", "scheduler")).Reason);
    }

    [Fact]
    public void A_bound_pod_is_marked_first_and_goes_when_the_agent_confirms()
    {
        var bound = After(Pod(), new BindPod(Web, "uid-1", "n1", "scheduler"))!;
        var marked = After(bound, new DeleteObject(Web, "alice"))!;
        Assert.True(marked.IsDeleting);
        Assert.Equal("2026-01-02T03:04:35Z", marked.ToNode()["metadata"]!["deletionTimestamp"]!.GetValue<string>());
        Assert.Empty(Decide(marked, new ConfirmPodStopped(Web, "other", "agent")).Events);
        Assert.Null(After(marked, new ConfirmPodStopped(Web, "uid-1", "agent")));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(int.MaxValue)]
    public void A_grace_that_nobody_can_mean_is_the_longest(long seconds)
    {
        var marked = After(After(Pod(), new BindPod(Web, "uid-1", "n1", "scheduler"))!, new DeleteObject(Web, "alice", GraceSeconds: seconds))!.ToNode()["metadata"]!;
        Assert.Equal(("2094-01-20T06:18:12Z", int.MaxValue), ((string?)marked["deletionTimestamp"], (long?)marked["deletionGracePeriodSeconds"]));
    }

    [Fact]
    public void An_unbound_pod_goes_at_once() => Assert.Null(After(Pod(), new DeleteObject(Web, "alice")));

    [Fact]
    public void A_forced_deletion_of_a_bound_pod_goes_at_once()
    {
        var bound = After(Pod(), new BindPod(Web, "uid-1", "n1", "scheduler"))!;
        Assert.Null(After(bound, new DeleteObject(Web, "alice", GraceSeconds: 0)));
    }

    [Fact]
    public void A_finalizer_holds_a_deleted_object_until_it_is_removed()
    {
        var map = Create(ConfigMapDefinition.Instance, ConfigMapDefinition.Instance.Key("default", "m"), """{"metadata":{"finalizers":["x/y"]}}""");
        var marked = After(map, new DeleteObject(map.Key, "alice"))!;
        Assert.True(marked.IsDeleting);
        var freed = marked.ToNode();
        freed["metadata"]!.AsObject().Remove("finalizers");
        Assert.Null(After(marked, new ReplaceObject(map.Key, freed, "", 0, "bob")));
    }

    [Fact]
    public void A_namespace_stays_terminating_until_it_is_finalized()
    {
        var ns = Create(NamespaceDefinition.Instance, NamespaceDefinition.Instance.Key(null, "team"), "{}");
        var marked = After(ns, new DeleteObject(ns.Key, "alice"))!;
        Assert.Equal("Terminating", marked.ToNode()["status"]!["phase"]!.GetValue<string>());
        var finalize = new MergeObject(ns.Key, ns.Uid, new JsonObject { ["spec"] = new JsonObject { ["finalizers"] = null } }, "finalized", "namespace:team");
        Assert.Null(After(marked, finalize));
    }

    [Fact]
    public void A_wrong_precondition_refuses_the_deletion() =>
        Assert.Equal(ApiReason.Conflict, Refusal(Pod(), new DeleteObject(Web, "alice", ExpectedUid: "other")).Reason);

    [Fact]
    public void Every_command_but_creation_needs_an_object()
    {
        ObjectCommand[] commands =
        [
            new GetObject(Web, "alice"), new ReplaceObject(Web, [], "", 0, "alice"), new DeleteObject(Web, "alice"),
            new MergeObject(Web, "", [], "updated", "alice"), new BindPod(Web, "", "n1", "alice"),
        ];
        Assert.All(commands, c => Assert.Equal(ApiReason.NotFound, ObjectDecider.Decide(PodDefinition.Instance, null, c, Context).Error!.Reason));
    }

    [Fact]
    public void An_event_of_an_unknown_version_stops_the_fold() =>
        Assert.Throws<InvalidOperationException>(() => ObjectState.Apply(PodDefinition.Instance, null, new ObjectEvent("pod.created.2", Context.Now, "a", 0, [])));

    private KubeObject Pod() => Create(PodDefinition.Instance, Web, """{"spec":{"containers":[{"name":"a","image":"b"}]}}""");

    private KubeObject Create(ResourceDefinition kind, ObjectKey key, string json) =>
        Fold(kind, null, ObjectDecider.Decide(kind, null, new CreateObject(key, (JsonObject)JsonNode.Parse(json)!, "alice"), Context))!;

    private static Decision Decide(KubeObject state, ObjectCommand command) => ObjectDecider.Decide(state.Kind, state, command, Context);

    private static ApiError Refusal(KubeObject state, ObjectCommand command) => Decide(state, command).Error!;

    private KubeObject? After(KubeObject state, ObjectCommand command) => Fold(state.Kind, state, Decide(state, command));

    private KubeObject? Fold(ResourceDefinition kind, KubeObject? state, Decision decision)
    {
        Assert.Null(decision.Error);
        Assert.NotEmpty(decision.Events);
        return decision.Events.Aggregate(state, (s, e) =>
        {
            e.Revision = ++_revision;
            return ObjectState.Apply(kind, s, e);
        });
    }
}
