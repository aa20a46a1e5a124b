using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.ResourceQuotas;

/// <summary>What a count finds, and who wakes it.</summary>
public sealed class ResourceQuotaControllerSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ResourceQuotaController _controller = new();

    [Fact]
    public void A_plan_for_a_status_that_is_right_changes_nothing()
    {
        var plan = Plan(Quota("1", "secrets"), Object(SecretDefinition.Instance, "a", 3), Object(PodDefinition.Instance, "b", 4));
        Assert.Empty(plan.Commands);
        Assert.Null(plan.RecheckAfter);
    }

    [Fact]
    public void What_is_gone_is_counted_no_more() => Assert.Equal("""{"secrets":"0"}""", Assert.IsType<CountRoom>(Assert.Single(Plan(Quota("1",
        "secrets")).Commands)).Counted.ToJsonString());

    [Theory]
    [InlineData(4, 40, false)] // The cache shows the predecessor of the object that is about to be stored.
    [InlineData(5, 40, false)]
    [InlineData(6, 40, true)]
    [InlineData(0, 40, false)]
    [InlineData(0, 60, true)]
    public void A_reservation_is_settled_by_a_later_revision_or_by_time(int revision, int age, bool isSettled)
    {
        // Made at revision 5.
        var reservation = new QuotaReservation("r", SecretDefinition.Instance.Key("default", "a"), 5, Now.AddSeconds(-age), new ResourceAmounts { ["secrets"] = Quantity.Of(1) });
        var plan = Plan(Quota("9", "secrets", reservation), revision == 0 ? [] : [Object(SecretDefinition.Instance, "a", revision)]);
        var count = Assert.IsType<CountRoom>(Assert.Single(plan.Commands));
        Assert.Equal(isSettled, count.Settled.Contains("r"));
        Assert.Equal(revision == 0 ? "0" : "1", (string?)count.Counted["secrets"]);
        Assert.Equal(isSettled ? null : TimeSpan.FromSeconds(60 - age), plan.RecheckAfter);
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_counted_until_its_time_is_over()
    {
        var pod = Object(PodDefinition.Instance, "a", 3).ToNode();
        (pod["metadata"]!["deletionTimestamp"], pod["metadata"]!["deletionGracePeriodSeconds"]) = ("2026-01-01T11:59:50Z", 30);
        var plan = Plan(Quota("1", "pods"), KubeObject.From(PodDefinition.Instance, pod));
        Assert.Empty(plan.Commands);
        Assert.Equal(TimeSpan.FromSeconds(20), plan.RecheckAfter);
    }

    [Fact]
    public void A_change_wakes_the_quotas_of_its_namespace()
    {
        var rule = Assert.Single(_controller.WokenBy);
        var concern = rule.Concern(Object(SecretDefinition.Instance, "a", 3))!.Value;
        Assert.Equal([ResourceQuotaDefinition.Instance.Key("default", "q")], rule.Woken(concern, View(Quota("0", "secrets"))));
        Assert.Null(rule.Concern(Object(EventDefinition.Instance, "e", 3)));
    }

    private ControllerPlan Plan(KubeObject quota, params KubeObject[] objects) => _controller.Plan(quota, View([quota, .. objects]), new PlanContext(Now, 0, () => "", []));

    private static ObjectCache View(params KubeObject[] objects)
    {
        var cache = new ObjectCache();
        cache.Restore(9, objects);
        return cache;
    }

    private static KubeObject Quota(string used, string resource, QuotaReservation? reservation = null) => KubeObject.From(ResourceQuotaDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "q",
            ["namespace"] = "default",
            ["uid"] = "q",
            ["resourceVersion"] = "9",
            ["annotations"] = reservation is null ? new JsonObject() : new JsonObject { [reservation.Annotation] = reservation.Text },
        },
        ["spec"] = new JsonObject { ["hard"] = new JsonObject { [resource] = "9" } },
        ["status"] = new JsonObject { ["hard"] = new JsonObject { [resource] = "9" }, ["used"] = new JsonObject { [resource] = used } },
    });

    private static KubeObject Object(ResourceDefinition kind, string name, long revision) => KubeObject.From(kind, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["uid"] = name, ["resourceVersion"] = $"{revision}" },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) },
    });
}
