using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Kinds.HorizontalPodAutoscalers.Autoscaled;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>When an autoscaler decides, whom it finds, and what becomes of its commands.</summary>
public sealed class HorizontalPodAutoscalerControllerSpec : IAsyncLifetime, IResourceMetrics
{
    private readonly Dictionary<string, long> _uses = [];
    private readonly HorizontalPodAutoscalerController _controller;
    private FedCache _fed = null!;
    private DateTimeOffset _now = Now;

    public HorizontalPodAutoscalerControllerSpec() => _controller = new HorizontalPodAutoscalerController(this, IPushedMetrics.None, AutoscalerSettings.Default);

    private KubeObject Self => _fed.Cache.Find(HorizontalPodAutoscalerDefinition.Instance.Key("default", "web"))!;

    public async Task InitializeAsync()
    {
        _fed = await FedCache.StartAsync();
        await AutoscalerAsync("web", """{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}""");
    }

    public async Task DisposeAsync() => await _fed.DisposeAsync();

    [Fact]
    public async Task It_decides_once_in_a_period_and_when_its_spec_changes()
    {
        await DeploymentAsync("web", 1);
        await PodAsync("web-1", 50);
        Assert.Single(Plan().Commands.OfType<ReplaceObject>());
        _uses["web-1"] = 500;
        _now = _now.AddSeconds(5);
        var idle = Plan();
        Assert.Equal((0, TimeSpan.FromSeconds(10)), (idle.Commands.Length, idle.RecheckAfter));
        await _fed.ChangeAsync(Self.Key, """{"metadata":{"generation":2},"spec":{"maxReplicas":3}}""");
        Assert.Equal(3, (int)Rescale(Plan())!.Patch["spec"]!["replicas"]!);
        _now = _now.AddSeconds(15);
        var again = Plan();
        Assert.Equal(3, (int)Rescale(again)!.Patch["spec"]!["replicas"]!);
        Assert.Equal(TimeSpan.FromSeconds(15), again.RecheckAfter);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_stop_it()
    {
        await DeploymentAsync("web", 1);
        await PodAsync("web-1", 50);
        Plan();
        _uses["web-1"] = 500;
        _now = _now.AddHours(-1);
        Assert.NotNull(Rescale(Plan()));
    }

    [Fact]
    public async Task The_status_shows_a_new_size_once_the_target_has_it()
    {
        var target = await DeploymentAsync("web", 1);
        await PodAsync("web-1", 191);
        var decided = Plan();
        var rescale = (MergeObject)Assert.Single(decided.Commands);
        Assert.Equal((target.Key, target.Uid, 4), (rescale.Key, rescale.Uid, (int)rescale.Patch["spec"]!["replicas"]!));
        var told = Assert.Single(decided.PlannedEvents);
        Assert.Equal((target.Key, "SuccessfulRescale", "New size: 4; reason: cpu resource utilization (percentage of request) above target"), (told.Of, told.Event.Reason, told.Event.Message));
        var shown = Assert.IsType<ReplaceObject>(Assert.Single(Plan().Commands));
        Assert.Equal((4, "SucceededRescale"), ((int)shown.Object["status"]!["desiredReplicas"]!, (string)shown.Object["status"]!["conditions"]![0]!["reason"]!));
        Assert.Empty(Plan().Commands);
    }

    [Fact]
    public async Task The_status_shows_a_size_that_was_refused()
    {
        await DeploymentAsync("web", 1);
        await PodAsync("web-1", 191);
        var rescale = Rescale(Plan())!;
        RejectedCommand refused = new(rescale, new ApiError(ApiReason.Timeout, "nobody answered"));
        var shown = Assert.IsType<ReplaceObject>(Assert.Single(Plan(refused).Commands));
        Assert.Equal("FailedUpdateScale", (string?)shown.Object["status"]!["conditions"]![0]!["reason"]);
        Assert.Null(shown.Object["status"]!["lastScaleTime"]);
        Assert.Empty(Plan(refused).Commands);
        var told = _controller.EventFor(refused)!;
        Assert.Equal(("Warning", "FailedRescale", "New size: 4; reason: cpu resource utilization (percentage of request) above target; error: nobody answered"), (told.Type, told.Reason, told.Message));
        _now = _now.AddSeconds(15);
        Assert.NotNull(Rescale(Plan()));
    }

    [Theory]
    [InlineData("""{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"other"}""", "apps/v1", "ReplicaSet", """{"matchExpressions":[{"key":"app","operator":"In","values":["web"]}]}""")]
    [InlineData("""{"apiVersion":"apps/v1","kind":"StatefulSet","name":"other"}""", "apps/v1", "StatefulSet", """{"matchLabels":{"app":"web"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ReplicationController","name":"other"}""", "v1", "ReplicationController", """{"app":"web"}""")]
    [InlineData("""{"kind":"StatefulSet","name":"other"}""", "apps/v1", "StatefulSet", """{"matchLabels":{"app":"web"}}""")]
    public async Task Whatever_has_a_scale_can_be_scaled(string reference, string version, string kind, string selector)
    {
        await _fed.ChangeAsync(Self.Key, """{"spec":{"scaleTargetRef":null}}""");
        await _fed.ChangeAsync(Self.Key, $$"""{"spec":{"scaleTargetRef":{{reference}} } }""");
        await _fed.CreateAsync($$"""{"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{"name":"other","namespace":"default","uid":"t"},"spec":{"replicas":1,"selector":{{selector}}} }""");
        await PodAsync("web-1", 100);
        await PodAsync("unrelated", 1000, "other");
        Assert.Equal(("other", 2), Rescale(Plan()) is { } rescale ? (rescale.Key.Name, (int)rescale.Patch["spec"]!["replicas"]!) : default);
    }

    [Theory]
    [InlineData("""{"apiVersion":"apps/v1","kind":"Deployment","name":"gone"}""", "deployments.apps \"gone\" not found")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","name":"c"}""", "the server could not find the requested resource")]
    [InlineData("""{"apiVersion":"shop.example/v1","kind":"Shelf","name":"s"}""", "no matches for kind \"Shelf\" in group \"shop.example\"")]
    [InlineData("""{"apiVersion":"a/b/c","kind":"Shelf","name":"s"}""", "unexpected GroupVersion string: a/b/c")]
    public async Task What_has_none_is_said(string reference, string error)
    {
        await _fed.ChangeAsync(Self.Key, $$"""{"spec":{"scaleTargetRef":{{reference}} } }""");
        var plan = Plan();
        var status = Assert.IsType<ReplaceObject>(Assert.Single(plan.Commands)).Object["status"]!;
        Assert.Equal($"the HPA controller was unable to get the target's current scale: {error}", (string?)status["conditions"]![0]!["message"]);
        Assert.Equal((Self.Key, "FailedGetScale", error), Assert.Single(plan.PlannedEvents) is var told ? (told.Of, told.Event.Reason, told.Event.Message) : default);
    }

    [Fact]
    public async Task Two_autoscalers_of_the_same_pods_do_nothing()
    {
        await DeploymentAsync("web", 1);
        await DeploymentAsync("web2", 1);
        await PodAsync("web-1", 500);
        await AutoscalerAsync("also", """{"apiVersion":"apps/v1","kind":"Deployment","name":"web2"}""");
        var plan = Plan();
        Assert.Null(Rescale(plan));
        Assert.Equal("pods by selector app=web are controlled by multiple HPAs: [{web default} {also default}]", plan.PlannedEvents[0].Event.Message);
        await _fed.DeleteAsync(HorizontalPodAutoscalerDefinition.Instance.Key("default", "also"));
        _now = _now.AddSeconds(15);
        Assert.NotNull(Rescale(Plan()));
    }

    [Fact]
    public async Task One_that_goes_decides_nothing()
    {
        await DeploymentAsync("web", 1);
        await PodAsync("web-1", 500);
        await _fed.ChangeAsync(Self.Key, """{"metadata":{"deletionTimestamp":"2026-01-02T03:04:05Z"}}""");
        Assert.Equal((0, null), (Plan().Commands.Length, Plan().RecheckAfter));
    }

    public ResourceUsage? Node(string name) => null;

    PodUsage? IResourceMetrics.Pod(string uid) => _uses.TryGetValue(uid, out var milli) ? Usage(uid, milli) : null;

    private static MergeObject? Rescale(ControllerPlan plan) => plan.Commands.OfType<MergeObject>().SingleOrDefault();

    private ControllerPlan Plan(params RejectedCommand[] rejected) => _controller.Plan(Self, _fed.Cache, new PlanContext(_now, 1, () => "x", [.. rejected]));

    private async Task<KubeObject> DeploymentAsync(string name, int replicas) => (await _fed.CreateAsync(
        $$$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}","namespace":"default","uid":"d-{{{name}}}"},"spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"web"} } } }"""))!;

    private async Task AutoscalerAsync(string name, string reference) => await _fed.CreateAsync($$$"""
        {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"{{{name}}}","namespace":"default","uid":"h-{{{name}}}","generation":1},
         "spec":{"scaleTargetRef":{{{reference}}},"minReplicas":1,"maxReplicas":10,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50} } }]} }
        """);

    private async Task PodAsync(string name, long uses, string app = "web")
    {
        _uses[name] = uses;
        await _fed.CreateAsync(Pod(name, null, change: o => ((JsonObject)o["metadata"]!["labels"]!)["app"] = app).Outline.Object.ToNode().ToJsonString());
    }
}
