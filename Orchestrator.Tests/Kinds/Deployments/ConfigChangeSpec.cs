using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Deployments;

public sealed class ConfigChangeSpec
{
    private static readonly ObjectKey Web = DeploymentDefinition.Instance.Key("default", "web");
    private static readonly ObjectKey Settings = ConfigMapDefinition.Instance.Key("default", "settings");

    [Fact]
    public async Task A_change_of_the_data_changes_the_template_before_anything_else()
    {
        await using var fed = await StartedAsync("true");
        var first = Pin(fed)!;
        Assert.Matches("^configmap/settings=[0-9a-f]{10}$", Text(first));
        Assert.Equal(("configured", fed.Cache.Find(Web)!.Revision), (first.Verb, first.ExpectedRevision));
        Assert.Equal($"Pods get the configuration {Text(first)}", Assert.Single(first.RecordedEvents).Message);

        await fed.ChangeAsync(Web, first.Patch.ToJsonString());
        Assert.Null(Pin(fed));
        await fed.ChangeAsync(Settings, """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Null(Pin(fed));
        await fed.ChangeAsync(Settings, """{"data":{"colour":"red"}}""");
        Assert.Matches("^Configuration changed: configmap/settings changed from [0-9a-f]{10} to [0-9a-f]{10}$", Assert.Single(Pin(fed)!.RecordedEvents).Message);
        await fed.ChangeAsync(Web, """{"spec":{"paused":true}}""");
        Assert.Null(Pin(fed));
    }

    [Fact]
    public async Task Who_rolls_again_and_again_waits_and_goes_on_as_it_is()
    {
        await using var fed = await StartedAsync("true");
        var now = RolloutWorld.Start;
        for (var i = 0; i < ConfigPace.Free; i++)
        {
            await fed.ChangeAsync(Settings, $$$"""{"data":{"colour":"{{{i}}}"}}""");
            await fed.ChangeAsync(Web, Pin(fed, now)!.Patch.ToJsonString());
        }

        await fed.ChangeAsync(Settings, """{"data":{"colour":"red"}}""");
        var plan = PlanAt(fed, now.AddSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(7), plan.RecheckAfter);
        Assert.Equal("ConfigurationRollDelayed", Assert.Single(plan.Findings).Event.Reason);
        Assert.NotEmpty(plan.Commands.OfType<CreateObject>());
        Assert.Null(Pin(fed, now.AddSeconds(9)));
        Assert.NotNull(Pin(fed, now.AddSeconds(10)));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 10)]
    [InlineData(6, 20)]
    [InlineData(10, 320)]
    [InlineData(11, 600)]
    [InlineData(100000, 600)]
    public void Each_roll_waits_longer_than_the_one_before(int rolls, int seconds)
    {
        var pace = new ConfigPace(rolls, RolloutWorld.Start);
        Assert.Equal(RolloutWorld.Start.AddSeconds(seconds), pace.Next);
        Assert.Equal(rolls + 1, pace.Rolled(RolloutWorld.Start.AddMinutes(20)).Rolls);
        Assert.Equal(1, pace.Rolled(RolloutWorld.Start.AddMinutes(21)).Rolls);
    }

    [Theory]
    [InlineData("4, 2026-11-27T10:15:00Z", 4)]
    [InlineData("", 0)]
    [InlineData("many", 0)]
    [InlineData("-1, 2026-11-27T10:15:00Z", 0)]
    [InlineData("4, never", 0)]
    [InlineData("9, 9999-12-31T23:59:59Z", 0)]
    public void A_pace_that_is_not_readable_is_none(string annotation, int rolls)
    {
        var d = new V1Deployment { Metadata = new() { Annotations = new Dictionary<string, string> { [ConfigPace.Annotation] = annotation } } };
        var now = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(rolls, ConfigPace.Of(d, now).Rolls);
        Assert.True(rolls == 0 || ConfigPace.Of(d, now).ToString() == annotation);
    }

    [Theory]
    [InlineData("false")]
    [InlineData(null)]
    public async Task Without_the_annotation_nothing_is_pinned(string? annotation)
    {
        await using var fed = await StartedAsync(annotation);
        Assert.Null(Pin(fed));
        Assert.Empty(await WokenAsync(fed, Settings, """{"data":{"colour":"red"}}"""));
    }

    [Fact]
    public async Task Those_who_name_what_changes_are_woken_and_nobody_else()
    {
        await using var fed = await StartedAsync("true");
        await fed.CreateAsync("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"settings","namespace":"default","uid":"s"}}""");
        await fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"other","uid":"o"}}""");
        Assert.Equal(Web, Assert.Single(await WokenAsync(fed, Settings, """{"data":{"colour":"red"}}""")));
        Assert.Empty(await WokenAsync(fed, SecretDefinition.Instance.Key("default", "settings"), """{"data":{"a":"MQ=="}}"""));
        Assert.Empty(await WokenAsync(fed, ConfigMapDefinition.Instance.Key("other", "settings"), """{"data":{"a":"1"}}"""));

        await fed.ChangeAsync(Web, """{"status":{"replicas":1}}""");
        Assert.Equal(Web, Assert.Single(await WokenAsync(fed, Settings, """{"data":{"colour":"blue"}}""")));
        await fed.ChangeAsync(Web, """{"spec":{"template":{"spec":{"volumes":null}}}}""");
        Assert.Empty(await WokenAsync(fed, Settings, """{"data":{"colour":"green"}}"""));
    }

    private static async Task<FedCache> StartedAsync(string? annotation)
    {
        var fed = await FedCache.StartAsync();
        var annotations = annotation is null ? "{}" : $$"""{"orchestrator.io/roll-on-config-change":"{{annotation}}"}""";
        await fed.CreateAsync($$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default","uid":"d","generation":1,"annotations":{{{annotations}}} },
             "spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },
              "spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","configMap":{"name":"settings"} }]} } } }
            """);
        await fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"default","uid":"c"},"data":{"colour":"blue"}}""");
        return fed;
    }

    private static MergeObject? Pin(FedCache fed, DateTimeOffset? now = null) =>
        PlanAt(fed, now ?? RolloutWorld.Start).Commands.OfType<MergeObject>().SingleOrDefault(c => c.Verb == "configured");

    private static ControllerPlan PlanAt(FedCache fed, DateTimeOffset now) => new DeploymentController().Plan(fed.Cache.Find(Web)!, fed.Cache, new PlanContext(now, 0, () => "abcde", []));

    private static string Text(MergeObject pin) => (string)pin.Patch["spec"]!["template"]!["metadata"]!["annotations"]![ConfigPin.Versions]!;

    private static async Task<ImmutableArray<ObjectKey>> WokenAsync(FedCache fed, ObjectKey changed, string patch)
    {
        var before = fed.Cache.Find(changed)!;
        var after = (await fed.ChangeAsync(changed, patch))!;
        return [.. new WakePlanner([new DeploymentController()]).Woken(new FeedBatch(after.Revision, [new ObjectChange("MODIFIED", after, before, after.Revision)]), fed.Cache).Keys];
    }
}
