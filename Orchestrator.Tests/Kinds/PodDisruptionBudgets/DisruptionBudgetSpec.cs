using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.PodDisruptionBudgets;

public sealed class DisruptionBudgetSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2", null, "RRR", 3, 1, 2)]
    [InlineData("3", null, "RRR", 3, 0, 3)]
    [InlineData("4", null, "RRR", 3, 0, 4)]
    [InlineData("2", null, "RRp", 3, 0, 2)]
    [InlineData("2", null, "RRRL", 4, 1, 2)] // One that leaves is not healthy.
    [InlineData("50%", null, "RRR", 3, 1, 2)] // rounded up
    [InlineData("100%", null, "RRR", 3, 0, 3)]
    [InlineData(null, "1", "RRR", 3, 1, 2)]
    [InlineData(null, "1", "RRp", 3, 0, 2)]
    [InlineData(null, "1", "RR", 3, 0, 2)] // The workload wants one more than there are.
    [InlineData(null, "34%", "RRR", 3, 2, 1)] // rounded up
    [InlineData(null, "0", "RRR", 3, 0, 3)]
    [InlineData(null, "100%", "RRR", 3, 3, 0)]
    [InlineData(null, "1", "", 0, 0, 0)]
    [InlineData(null, null, "RRR", 3, 0, 0)] // One that asks for nothing allows nothing.
    [InlineData("1", null, "RR", 2, 1, 1)]
    public void It_counts_what_may_go(string? min, string? max, string pods, int expected, int allowed, int desired)
    {
        var status = Plan(Budget(min, max), pods, expected).Status!;
        Assert.Equal((allowed, desired, pods.Count(p => p == 'R')), (status.DisruptionsAllowed, status.DesiredHealthy, status.CurrentHealthy));
        var condition = Assert.Single(status.Conditions);
        Assert.Equal(allowed > 0 ? ("True", "SufficientPods") : ("False", "InsufficientPods"), (condition.Status, condition.Reason));
    }

    [Theory]
    [InlineData("50%", null, 0)]
    [InlineData(null, "1", 0)]
    [InlineData("1", null, 2)] // A number of pods needs no workloads.
    public void What_the_workloads_want_must_be_known_for_shares(string? min, string? max, int allowed)
    {
        var status = DisruptionBudgetPlanner.Plan(Budget(min, max), Pods("RRR"), new ExpectedPods(0, "jobs.batch does not implement the scale subresource"), Now).Status!;
        Assert.Equal(allowed, status.DisruptionsAllowed);
        Assert.Equal(allowed == 0 ? "SyncFailed" : "SufficientPods", status.Conditions[0].Reason);
    }

    [Fact]
    public void A_pod_that_was_let_go_counts_as_gone_for_two_minutes()
    {
        var budget = Budget("1", null);
        budget.Status = new V1PodDisruptionBudgetStatus { DisruptedPods = new Dictionary<string, DateTime?> { ["p0"] = Now.UtcDateTime.AddSeconds(-30), ["p1"] = Now.UtcDateTime.AddMinutes(-3), ["gone"] = Now.UtcDateTime } };
        var (status, recheck) = Plan(budget, "RRR", 3);
        Assert.Equal((2, 1), (status!.CurrentHealthy, status.DisruptionsAllowed));
        Assert.Equal(["p0"], status.DisruptedPods.Keys);
        Assert.Equal(TimeSpan.FromSeconds(90), recheck);
    }

    [Fact]
    public void A_plan_for_a_status_that_is_right_changes_nothing()
    {
        var budget = Budget(null, "1");
        budget.Status = Plan(budget, "RRR", 3).Status;
        Assert.Null(Plan(budget, "RRR", 3).Status);
    }

    [Theory]
    [InlineData("R", 1, null, "free of the last", true)]
    [InlineData("R", 0, "TooManyRequests", "needs 2 healthy pods and has 2 currently", false)]
    [InlineData("p", 0, null, "", false)] // It is not ready, and the others are enough.
    [InlineData("L", 0, null, "", false)]
    public void An_eviction_is_counted_or_refused(string pod, int allowed, string? reason, string message, bool isReserved)
    {
        var verdict = Evictions.Judge(Pod(0, pod[0]), [Stored(Budget("2", null), allowed, healthy: 2, desired: 2)], Now);
        Assert.Equal((reason, isReserved), (verdict.Refusal?.Reason.ToString(), verdict.Reserved is not null));
        if (verdict.Refusal is { } refusal)
        {
            Assert.Equal("Cannot evict pod as it would violate the pod's disruption budget.", refusal.Message);
            Assert.Contains(message, Assert.Single(refusal.Causes).Message, StringComparison.Ordinal);
        }

        if (isReserved)
        {
            Assert.Equal(0, verdict.Reserved!.DisruptionsAllowed);
            Assert.Equal(Now.UtcDateTime, verdict.Reserved.DisruptedPods["p0"]);
        }
    }

    [Theory]
    [InlineData(null, 1, 2, false)] // Fewer are healthy than should be: none may go …
    [InlineData("IfHealthyBudget", 1, 2, false)]
    [InlineData("AlwaysAllow", 1, 2, true)] // … unless it is said so.
    [InlineData(null, 2, 2, true)]
    public void A_pod_that_is_not_ready_goes_as_the_policy_says(string? policy, int healthy, int desired, bool goes)
    {
        var budget = Budget("2", null);
        budget.Spec.UnhealthyPodEvictionPolicy = policy;
        var verdict = Evictions.Judge(Pod(0, 'p'), [Stored(budget, 0, healthy, desired)], Now);
        Assert.Equal((goes, goes), (verdict.Refusal is null, verdict.HoldsForVersion)); // It may get ready meanwhile.
    }

    [Fact]
    public void A_budget_whose_spec_was_not_counted_yet_lets_nobody_go()
    {
        var budget = Budget("1", null);
        budget.Metadata.Generation = 2;
        Assert.Contains("still being processed", Evictions.Judge(Pod(0, 'R'), [Stored(budget, 5, 5, 1)], Now).Refusal!.Causes[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_budgets_of_one_pod_are_a_mistake() =>
        Assert.Equal(ApiReason.InternalError, Evictions.Judge(Pod(0, 'R'), [Stored(Budget("1", null), 1, 2, 1), Stored(Budget("1", null), 1, 2, 1)], Now).Refusal!.Reason);

    [Fact]
    public void A_pod_that_was_counted_is_not_counted_again()
    {
        var budget = Budget("1", null);
        budget.Status = new V1PodDisruptionBudgetStatus { DisruptedPods = new Dictionary<string, DateTime?> { ["p0"] = Now.UtcDateTime } };
        Assert.Equal(EvictionVerdict.Free, Evictions.Judge(Pod(0, 'R'), [Stored(budget, 0, 1, 1)], Now));
    }

    [Theory]
    [InlineData("""{"minAvailable":1,"maxUnavailable":1}""", "spec: Invalid value")]
    [InlineData("""{"minAvailable":-1}""", "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"maxUnavailable":"ten"}""", "spec.maxUnavailable: Invalid value: \"ten\": a valid percent string")]
    [InlineData("""{"unhealthyPodEvictionPolicy":"Foo"}""", "spec.unhealthyPodEvictionPolicy: Unsupported value: \"Foo\"")]
    [InlineData("""{"maxUnavailable":"101%"}""", "spec.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("""{"minAvailable":1,"selector":{"matchExpressions":[{"key":"a","operator":"Near"}]}}""", "spec.selector.matchExpressions[0].operator")]
    public void A_wrong_spec_is_refused(string spec, string message)
    {
        var errors = new FieldErrors();
        new PodDisruptionBudgetStrategy().Validate((JsonObject)JsonNode.Parse($$"""{"metadata":{"name":"b"},"spec":{{spec}} }""")!, errors);
        var error = Assert.Single(errors.All);
        Assert.StartsWith(message, $"{error.Field}: {error.Message}", StringComparison.Ordinal);
    }

    private static (V1PodDisruptionBudgetStatus? Status, TimeSpan? RecheckAfter) Plan(V1PodDisruptionBudget budget, string pods, int expected) =>
        DisruptionBudgetPlanner.Plan(budget, Pods(pods), new ExpectedPods(expected, null), Now);

    private static List<PodOutline> Pods(string letters) => [.. letters.Select((l, i) => PodOutline.Of(Pod(i, l)))];

    private static KubeObject Pod(int number, char letter) => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$$"""
        {"metadata":{"name":"p{{{number}}}","namespace":"default","uid":"u{{{number}}}","labels":{"app":"web"},"creationTimestamp":"2026-01-01T10:00:00Z"
          {{{(letter == 'L' ? ",\"deletionTimestamp\":\"2026-01-01T11:59:59Z\"" : "")}}}},
         "spec":{"containers":[{"name":"c","image":"i"}]},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{(letter == 'p' ? "False" : "True")}}}","lastTransitionTime":"2026-01-01T10:00:00Z"}]} }
        """)!);

    private static KubeObject Stored(V1PodDisruptionBudget budget, int allowed, int healthy, int desired)
    {
        budget.Status ??= new V1PodDisruptionBudgetStatus();
        (budget.Status.DisruptionsAllowed, budget.Status.CurrentHealthy, budget.Status.DesiredHealthy, budget.Status.ObservedGeneration) = (allowed, healthy, desired, 1);
        return KubeObject.From(PodDisruptionBudgetDefinition.Instance, (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(budget))!);
    }

    private static V1PodDisruptionBudget Budget(string? min, string? max) => new()
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "b", Generation = 1 },
        Spec = new V1PodDisruptionBudgetSpec
        {
            MinAvailable = min, MaxUnavailable = max, Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
        },
    };
}
