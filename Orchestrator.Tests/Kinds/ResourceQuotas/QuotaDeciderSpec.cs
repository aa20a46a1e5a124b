using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ResourceQuotas;

namespace Orchestrator.Tests.Kinds.ResourceQuotas;

/// <summary>How a quota hands out room.</summary>
public sealed class QuotaDeciderSpec
{
    private static readonly DecideContext Context = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero), "u2");
    private static readonly ObjectKey Key = ResourceQuotaDefinition.Instance.Key("default", "q");
    private static readonly ObjectKey Web = PodDefinition.Instance.Key("default", "web");

    [Fact]
    public void What_is_reserved_is_used_until_it_is_released()
    {
        var quota = After(Quota("""{"pods":"2","cpu":"1"}""", """{"pods":"1","cpu":"500m"}"""), Ask("a", """{"pods":"1","cpu":"200m","memory":"1Gi"}"""))!;
        Assert.Equal("""{"pods":"2","cpu":"700m"}""", Used(quota));
        Assert.Null(Decide(quota, Ask("a", """{"pods":"1"}""")).Error); // The same question again.
        Assert.Equal("""{"pods":"1","cpu":"500m"}""", Used(After(quota, new ReleaseRoom(Key, "a", "me"))!));
        Assert.Empty(Decide(quota, new ReleaseRoom(Key, "other", "me")).Events);
    }

    [Fact]
    public void What_is_exceeded_is_told_with_what_is_asked_used_and_allowed()
    {
        var error = Decide(Quota("""{"pods":"10","requests.cpu":"1","requests.memory":"1Gi"}""", """{"pods":"1","requests.cpu":"900m","requests.memory":"1Gi"}"""),
            Ask("a", """{"pods":"1","requests.cpu":"200m","requests.memory":"64Mi"}""")).Error!;
        Assert.Equal((ApiReason.Forbidden,
            "pods \"web\" is forbidden: exceeded quota: q, requested: requests.cpu=200m,requests.memory=64Mi, used: requests.cpu=900m,requests.memory=1Gi, "
            + "limited: requests.cpu=1,requests.memory=1Gi"), (error.Reason, error.Message));
    }

    [Fact]
    public void Containers_that_do_not_say_what_they_use_are_named()
    {
        var ask = Ask("a", "{}") with { Lacking = (JsonObject)JsonNode.Parse("""{"limits.cpu":"a,b","memory":"b","requests.cpu":"a"}""")! };
        Assert.Equal("pods \"web\" is forbidden: failed quota: q: must specify limits.cpu for: a,b; memory for: b",
            Decide(Quota("""{"limits.cpu":"1","memory":"1Gi"}""", "{}"), ask).Error!.Message);
    }

    [Theory]
    [InlineData("""{"services":"1"}""", null)] // It does not bound pods.
    [InlineData("""{"pods":"0"}""", "Terminating")]
    public void An_object_that_the_quota_does_not_count_needs_no_room(string hard, string? scope) =>
        Assert.Empty(Decide(Quota(hard, hard, scope), Ask("a", """{"pods":"1"}""") with { Scopes = ["NotTerminating"] }).Events);

    [Fact]
    public void Before_it_was_counted_for_the_first_time_a_quota_bounds_nothing_and_notes_all()
    {
        var quota = After(Quota("""{"pods":"0"}""", null), Ask("a", """{"pods":"1"}"""))!;
        quota = After(quota, Count(quota, """{"pods":"3"}"""))!;
        Assert.Equal("""{"pods":"4"}""", Used(quota));
    }

    [Fact]
    public void A_count_takes_the_place_of_what_it_has_seen_and_keeps_what_was_reserved_since()
    {
        var before = After(Quota("""{"pods":"9"}""", """{"pods":"1"}"""), Ask("a", """{"pods":"1"}"""))!;
        var count = Count(before, """{"pods":"4"}""", "a");
        var quota = After(After(before, Ask("b", """{"pods":"1"}"""))!, count)!;
        Assert.Equal(("""{"pods":"5"}""", """{"pods":"9"}"""), (Used(quota), quota.ToNode()["status"]!["hard"]!.ToJsonString()));
        Assert.Equal(["quota.orchestrator.io/counted", "quota.orchestrator.io/reserved-b"], quota.ToNode()["metadata"]!["annotations"]!.AsObject().Select(a => a.Key).Order());

        // An older count that arrives late.
        Assert.Equal(ApiReason.Conflict, Decide(quota, count).Error!.Reason);
        Assert.Equal(ApiReason.Conflict, Decide(quota, Count(quota, "{}") with { Uid = "other" }).Error!.Reason);
        Assert.Empty(Decide(quota, Count(quota, """{"pods":"4"}""")).Events);
    }

    [Fact]
    public void Nobody_else_changes_its_books()
    {
        var quota = After(Quota("""{"pods":"9"}""", """{"pods":"1"}"""), Ask("a", """{"pods":"1"}"""))!;
        foreach (var part in (string[])["", "status"])
        {
            var wanted = quota.ToNode();
            wanted["metadata"]!["annotations"] = new JsonObject { ["quota.orchestrator.io/counted"] = "99", ["mine"] = "x" };
            Assert.Equal(["mine", "quota.orchestrator.io/reserved-a"], After(quota, new ReplaceObject(Key, wanted, part, 0,
                "me"))!.ToNode()["metadata"]!["annotations"]!.AsObject().Select(a => a.Key).Order());
        }

        var made = quota.ToNode();
        Assert.Null(ObjectState.Apply(ResourceQuotaDefinition.Instance, null, ObjectDecider.Decide(ResourceQuotaDefinition.Instance, null, new CreateObject(Key, made, "me"),
            Context).Events[0])!
            .ToNode()["metadata"]!["annotations"]?["quota.orchestrator.io/reserved-a"]);
    }

    internal static ReserveRoom Ask(string id, string amounts) => new(Key, id, Web, 0, (JsonObject)JsonNode.Parse(amounts)!, null, [], "", "me");

    private static CountRoom Count(KubeObject quota, string counted, params ImmutableArray<string> settled) =>
        new(Key, quota.Uid, quota.Revision, (JsonObject)JsonNode.Parse(counted)!, settled, "resourcequota");

    private static Decision Decide(KubeObject quota, ObjectCommand command) => ObjectDecider.Decide(ResourceQuotaDefinition.Instance, quota, command, Context);

    private static KubeObject? After(KubeObject quota, ObjectCommand command)
    {
        var decision = Decide(quota, command);
        Assert.Null(decision.Error);
        return ObjectState.Apply(ResourceQuotaDefinition.Instance, quota, Assert.Single(decision.Events) with { Revision = quota.Revision + 1 });
    }

    private static string Used(KubeObject quota) => quota.ToNode()["status"]!["used"]!.ToJsonString();

    private static KubeObject Quota(string hard, string? used, string? scope = null)
    {
        var spec = new JsonObject { ["hard"] = JsonNode.Parse(hard), ["scopes"] = scope is null ? null : new JsonArray(scope) };
        var quota = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "q", ["namespace"] = "default", ["uid"] = "u1", ["resourceVersion"] = "7" }, ["spec"] = spec };
        if (used is not null)
        {
            quota["status"] = new JsonObject { ["hard"] = JsonNode.Parse(hard), ["used"] = JsonNode.Parse(used) };
        }

        return KubeObject.From(ResourceQuotaDefinition.Instance, JsonMerge.WithoutNulls(quota));
    }
}
