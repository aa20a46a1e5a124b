using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Reconcile;

public sealed class StartGateSpec
{
    private static readonly ObjectKey Web = DeploymentDefinition.Instance.Key("default", "web");
    private static readonly ObjectKey Migrate = JobDefinition.Instance.Key("default", "migrate");
    private static readonly IController Gate = new StartGate(new DeploymentController());

    [Fact]
    public async Task A_gate_says_what_it_waits_for_and_is_passed_once()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate");
        await SaidAsync(fed, "True", "TargetNotFound", "Waits for job/migrate, which does not exist");
        await JobAsync(fed);
        await SaidAsync(fed, "True", "WaitingForTargets", "Waits for job/migrate before pods are created");
        Assert.Empty(Plan(fed).Commands);
        await fed.ChangeAsync(Migrate, """{"status":{"conditions":[{"type":"Complete","status":"True"}]}}""");
        await SaidAsync(fed, "False", "TargetsReady", "May start");
        Assert.Single(Plan(fed).Commands.OfType<CreateObject>());
        await fed.DeleteAsync(Migrate);
        Assert.Single(Plan(fed).Commands.OfType<CreateObject>());
    }

    [Fact]
    public async Task A_job_that_has_succeeded_may_go_while_others_are_waited_for()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate, statefulset/db");
        await JobAsync(fed);
        await SaidAsync(fed, "True", "TargetNotFound", "Waits for statefulset/db, which does not exist");
        await fed.ChangeAsync(Migrate, """{"status":{"conditions":[{"type":"Complete","status":"True"}]}}""");
        var noted = Assert.IsType<MergeObject>(Assert.Single(Plan(fed).Commands));
        Assert.Empty(noted.RecordedEvents);
        await fed.ChangeAsync(Web, noted.Patch.ToJsonString());
        Assert.Empty(Plan(fed).Commands);
        await fed.DeleteAsync(Migrate);
        Assert.Empty(Plan(fed).Commands);
        await fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db","namespace":"default","uid":"s","generation":1},"spec":{"replicas":1},"status":{"observedGeneration":1,"availableReplicas":1}}""");
        await SaidAsync(fed, "False", "TargetsReady", "May start");
        Assert.DoesNotContain("succeeded", fed.Cache.Find(Web)!.ToNode().ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_made_anew_is_waited_for()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate, statefulset/db");
        await JobAsync(fed);
        await fed.ChangeAsync(Migrate, """{"status":{"conditions":[{"type":"Complete","status":"True"}]}}""");
        await SaidAsync(fed, "True", "TargetNotFound", "Waits for statefulset/db, which does not exist");
        await fed.DeleteAsync(Migrate);
        await JobAsync(fed);
        await fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db","namespace":"default","uid":"s","generation":1},"spec":{"replicas":1},"status":{"observedGeneration":1,"availableReplicas":1}}""");
        await SaidAsync(fed, "True", "WaitingForTargets", "Waits for job/migrate before pods are created");
    }

    [Fact]
    public async Task A_rollout_beside_one_that_waits_is_no_cycle()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "deployment/api");
        await fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api","namespace":"default","uid":"a","generation":2,"annotations":{"orchestrator.io/start-after":"deployment/web"}},"spec":{"replicas":1},"status":{"observedGeneration":2}}""");
        await SaidAsync(fed, "True", "WaitingForTargets", "Waits for deployment/api before pods are created");
    }

    [Fact]
    public async Task What_its_controller_has_seen_is_not_gated_again()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate");
        await fed.ChangeAsync(Web, """{"status":{"observedGeneration":1}}""");
        Assert.Single(Plan(fed).Commands.OfType<CreateObject>());
        await JobAsync(fed);
        var job = fed.Cache.Find(Migrate)!;
        Assert.Empty(new WakePlanner([Gate]).Woken(new FeedBatch(job.Revision, [new ObjectChange("ADDED", job, null, job.Revision)]), fed.Cache).Keys);
    }

    [Fact]
    public async Task What_runs_is_never_gated()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate");
        await fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"default","uid":"r","labels":{"app":"web"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"d","controller":true}]},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"}},"template":{}}}""");
        Assert.DoesNotContain(Plan(fed).Commands, c => c is MergeObject { Verb: "start-gated" });
    }

    [Fact]
    public async Task Without_the_annotation_there_is_no_gate_and_one_that_waited_opens()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate");
        await SaidAsync(fed, "True", "TargetNotFound", "Waits for job/migrate, which does not exist");
        await fed.ChangeAsync(Web, """{"metadata":{"annotations":null}}""");
        await SaidAsync(fed, "False", "TargetsReady", "May start");
        Assert.Single(Plan(fed).Commands.OfType<CreateObject>());
    }

    [Fact]
    public async Task A_target_wakes_those_who_wait_for_it()
    {
        await using var fed = await FedCache.StartAsync();
        await WebAsync(fed, "job/migrate");
        await JobAsync(fed);
        var job = fed.Cache.Find(Migrate)!;
        var planner = new WakePlanner([Gate]);
        Assert.Equal(Web, Assert.Single(planner.Woken(new FeedBatch(job.Revision, [new ObjectChange("ADDED", job, null, job.Revision)]), fed.Cache).Keys));
        await fed.ChangeAsync(Web, """{"metadata":{"annotations":null}}""");
        Assert.Empty(planner.Woken(new FeedBatch(job.Revision, [new ObjectChange("ADDED", job, null, job.Revision)]), fed.Cache).Keys);
    }

    [Theory]
    [InlineData("statefulset/db, job/migrate", "statefulsets.apps/default/db jobs.batch/default/migrate")]
    [InlineData("sts/db,deploy/api,ds/agent", "statefulsets.apps/default/db deployments.apps/default/api daemonsets.apps/default/agent")]
    [InlineData("StatefulSets/db, statefulsets.apps/db", "statefulsets.apps/default/db")]
    [InlineData("", "")]
    public void Workloads_are_named_as_for_kubectl(string annotation, string expected)
    {
        var o = Annotated(annotation);
        Assert.Equal(expected, string.Join(' ', StartAfter.References(o).Select(k => k.PersistenceId)));
        Assert.Empty(Errors(o));
    }

    [Theory]
    [InlineData("db", "db")]
    [InlineData("job/migrate, pod/db", "pod/db")]
    [InlineData("statefulset/", "statefulset/")]
    [InlineData("statefulset/a/b", "statefulset/a/b")]
    [InlineData("statefulset/A_b", "statefulset/A_b")]
    public void Anything_else_is_refused(string annotation, string entry)
    {
        var error = Assert.Single(Errors(Annotated(annotation)));
        Assert.Equal("metadata.annotations[orchestrator.io/start-after]", error.Field);
        Assert.StartsWith($"Invalid value: \"{entry}\": must be a kind and a name, such as statefulset/db, where the kind is one of ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workload_does_not_wait_for_itself_and_a_template_is_checked_where_it_is()
    {
        var errors = new FieldErrors();
        var web = Annotated("deploy/web");
        web["metadata"]!["name"] = "web";
        StartAfter.Validate(web, DeploymentDefinition.Instance, errors);
        Assert.Equal("Invalid value: \"deploy/web\": must not be the workload itself", Assert.Single(errors.All).Message);
        StartAfter.Validate(web, StatefulSetDefinition.Instance, errors);
        Assert.Single(errors.All);
        var cron = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "c" }, ["spec"] = new JsonObject { ["jobTemplate"] = Annotated("nothing") } };
        var found = new FieldErrors();
        CronJobDefinition.Instance.Strategy.Validate(cron, found);
        Assert.Contains(found.All, e => e.Field == "spec.jobTemplate.metadata.annotations[orchestrator.io/start-after]");
    }

    [Theory]
    [InlineData("Deployment", """{"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}""", Completion.Complete)]
    [InlineData("Deployment", """{"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":3,"updatedReplicas":2,"availableReplicas":2}}""", Completion.Incomplete)]
    [InlineData("Deployment", """{"spec":{"replicas":2}}""", Completion.Incomplete)]
    [InlineData("Deployment", """{"spec":{"replicas":2},"status":{"observedGeneration":0,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}""", Completion.Incomplete)]
    [InlineData("StatefulSet", """{"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":2,"availableReplicas":2}}""", Completion.Complete)]
    [InlineData("StatefulSet", """{"spec":{"replicas":2},"status":{"observedGeneration":1,"replicas":2,"availableReplicas":1}}""", Completion.Incomplete)]
    [InlineData("StatefulSet", """{"spec":{"replicas":2}}""", Completion.Incomplete)]
    [InlineData("DaemonSet", """{"spec":{},"status":{"observedGeneration":1,"currentNumberScheduled":2,"desiredNumberScheduled":2,"numberMisscheduled":0,"numberReady":2,"numberAvailable":2}}""", Completion.Complete)]
    [InlineData("DaemonSet", """{"spec":{},"status":{"observedGeneration":1,"currentNumberScheduled":2,"desiredNumberScheduled":2,"numberMisscheduled":0,"numberReady":1}}""", Completion.Incomplete)]
    [InlineData("Job", """{"spec":{},"status":{"conditions":[{"type":"Complete","status":"True"}]}}""", Completion.Complete)]
    [InlineData("Job", """{"spec":{},"status":{"conditions":[{"type":"Failed","status":"True"}]}}""", Completion.Failed)]
    [InlineData("Job", """{"spec":{},"status":{"conditions":[{"type":"FailureTarget","status":"True"}]}}""", Completion.Incomplete)]
    [InlineData("Job", """{"spec":{}}""", Completion.Incomplete)]
    public void A_workload_is_complete_when_its_status_says_so_of_its_spec(string kind, string json, Completion expected)
    {
        var node = (JsonObject)JsonNode.Parse(json)!;
        node["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = "default", ["generation"] = 1 };
        var definition = BuiltIn.All.Single(k => k.Kind == kind);
        Assert.Equal(expected, definition.Completion!(KubeObject.From(definition, node)));
    }

    [Fact]
    public void Those_who_can_be_waited_for_can_wait() => Assert.Equal(
        [DaemonSetDefinition.Instance, DeploymentDefinition.Instance, JobDefinition.Instance, StatefulSetDefinition.Instance],
        BuiltIn.All.Where(k => k.Completion is not null && k.References?.Invoke(Annotated("job/migrate")).Single() == Migrate).OrderBy(k => k.Kind, StringComparer.Ordinal));

    private static JsonObject Annotated(string annotation) => new()
    {
        ["metadata"] = new JsonObject { ["namespace"] = "default", ["annotations"] = new JsonObject { [StartAfter.Annotation] = annotation } },
    };

    private static IReadOnlyList<ApiCause> Errors(JsonObject o)
    {
        var errors = new FieldErrors();
        StartAfter.Validate(o, DeploymentDefinition.Instance, errors);
        return errors.All;
    }

    private static ControllerPlan Plan(FedCache fed) => Gate.Plan(fed.Cache.Find(Web)!, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 0, () => "abcde", []));

    private static async Task SaidAsync(FedCache fed, string status, string reason, string message)
    {
        var said = Assert.IsType<MergeObject>(Assert.Single(Plan(fed).Commands));
        var condition = said.Patch["status"]!["conditions"]![0]!;
        Assert.Equal((status, reason, message), ((string?)condition["status"], (string?)condition["reason"], (string?)condition["message"]));
        Assert.Equal(reason is "TargetsReady" ? "StartGateOpened" : reason, Assert.Single(said.RecordedEvents).Reason);
        await fed.ChangeAsync(Web, said.Patch.ToJsonString());
    }

    private static Task JobAsync(FedCache fed) => fed.CreateAsync("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate","namespace":"default","uid":"j"},"spec":{"template":{}}}""");

    private static Task WebAsync(FedCache fed, string after) => fed.CreateAsync($$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default","uid":"d","generation":1,"annotations":{"orchestrator.io/start-after":"{{{after}}}"} },
         "spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"c","image":"i"}]} } } }
        """);
}
