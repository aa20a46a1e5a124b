using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Jobs;

public sealed class JobPoliciesSpec
{
    [Fact]
    public void A_failure_that_must_fail_the_job_does_so_at_once()
    {
        var world = World(2, OnExitCodes("FailJob", "In", 42));
        world.Settle();
        world.Fail(world.Pods[0], exitCode: 42);
        world.Settle();
        Assert.True(world.Is("FailureTarget"));
        world.Terminate();
        world.Settle();
        Assert.Equal((true, "PodFailurePolicy", "Container c for pod default/p0 failed with exit code 42 matching FailJob rule at index 0"),
            (world.Is("Failed"), world.Condition("Failed")!.Reason, world.Condition("Failed")!.Message));
        Assert.Equal(2, world.Job.Status.Failed);
    }

    [Theory]
    [InlineData("In", 42, true)]
    [InlineData("In", 1, false)]
    [InlineData("NotIn", 42, false)]
    [InlineData("NotIn", 1, true)]
    public void A_failure_that_is_ignored_does_not_count_against_the_limit(string op, int exitCode, bool isIgnored)
    {
        var world = World(1, OnExitCodes("Ignore", op, 42), backoffLimit: 0);
        world.Settle();
        world.Fail(world.Pods[0], exitCode);
        world.Settle();
        Assert.Equal((!isIgnored, isIgnored ? null : 1), (world.Is("Failed"), world.Job.Status.Failed));
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal(isIgnored ? 1 : 0, world.Active.Count());
    }

    [Fact]
    public void Another_container_is_another_failure()
    {
        var rule = OnExitCodes("Ignore", "In", 42);
        rule.OnExitCodes.ContainerName = "other";
        var world = World(1, rule, backoffLimit: 0);
        world.Settle();
        world.Fail(world.Pods[0], exitCode: 42);
        world.Settle();
        Assert.True(world.Is("Failed"));
    }

    [Fact]
    public void A_disrupted_pod_is_ignored_and_replaced_once_it_has_ended()
    {
        var rule = new V1PodFailurePolicyRule { Action = "Ignore", OnPodConditions = [new V1PodFailurePolicyOnPodConditionsPattern { Type = "DisruptionTarget", Status = "True" }] };
        var world = World(1, rule, backoffLimit: 0);
        world.Settle();
        world.Delete(world.Pods[0]);
        world.Settle();
        Assert.Empty(world.Active);
        world.Fail(world.Pods[0], exitCode: 137);
        world.Pods[0].Status.Conditions.Add(new V1PodCondition { Type = "DisruptionTarget", Status = "True" });
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal((1, null, false), (world.Active.Count(), world.Job.Status.Failed, world.Is("FailureTarget")));
    }

    [Fact]
    public void A_pod_that_was_never_bound_does_not_hold_up_its_successor()
    {
        var world = World(1, OnExitCodes("Count", "In", 1));
        world.Settle();
        world.Pods[0].Spec.NodeName = null;
        world.Pods[0].Status = new V1PodStatus { Phase = "Pending" };
        world.Delete(world.Pods[0]);
        world.Settle();
        world.Terminate();
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal((1, 1), (world.Active.Count(), world.Job.Status.Failed));
    }

    [Fact]
    public void The_first_rule_that_matches_decides()
    {
        var world = World(1, OnExitCodes("Count", "In", 42), OnExitCodes("FailJob", "NotIn", 1));
        world.Settle();
        world.Fail(world.Pods[0], exitCode: 42);
        world.Settle();
        Assert.Equal((1, false), (world.Job.Status.Failed, world.Is("FailureTarget")));
    }

    [Fact]
    public void A_failure_can_fail_its_index_whatever_its_limit()
    {
        var world = World(2, OnExitCodes("FailIndex", "In", 42), OnExitCodes("Ignore", "In", 43));
        (world.Job.Spec.CompletionMode, world.Job.Spec.BackoffLimitPerIndex, world.Job.Spec.BackoffLimit) = ("Indexed", 1, int.MaxValue);
        world.Settle();
        world.Fail(world.ActiveAt(0), exitCode: 42);
        world.Fail(world.ActiveAt(1), exitCode: 43);
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal(("0", 1), (world.Job.Status.FailedIndexes, world.Job.Status.Failed));
        var successor = world.ActiveAt(1).Outline();
        Assert.Equal((0, 1), (successor.IndexFailures, successor.IgnoredIndexFailures));
    }

    [Theory]
    [InlineData("1-2", null, new[] { 2, 1 })]
    [InlineData("0,3", 1, new[] { 3 })]
    [InlineData(null, 2, new[] { 0, 3 })]
    public void A_job_succeeds_when_a_rule_is_satisfied_and_what_still_runs_is_ended(string? indexes, int? count, int[] succeed)
    {
        var world = World(4);
        world.Job.Spec.PodFailurePolicy = null;
        (world.Job.Spec.CompletionMode, world.Job.Spec.PodReplacementPolicy) = ("Indexed", "TerminatingOrFailed");
        world.Job.Spec.SuccessPolicy = new V1SuccessPolicy { Rules = [new V1SuccessPolicyRule { SucceededCount = 9 }, new V1SuccessPolicyRule { SucceededIndexes = indexes, SucceededCount = count }] };
        world.Settle();
        foreach (var index in succeed)
        {
            Assert.False(world.Is("SuccessCriteriaMet"));
            world.Succeed(world.ActiveAt(index));
            world.Settle();
        }

        Assert.Equal((true, "SuccessPolicy", "Matched rules at index 1"), (world.Is("SuccessCriteriaMet"), world.Condition("SuccessCriteriaMet")!.Reason, world.Condition("SuccessCriteriaMet")!.Message));
        Assert.False(world.Is("Complete"));
        world.Terminate();
        world.Settle();
        Assert.Equal((true, succeed.Length, null), (world.Is("Complete"), world.Job.Status.Succeeded, world.Job.Status.Failed));
        Assert.Equal("SuccessPolicy", world.Condition("Complete")!.Reason);
    }

    private static JobWorld World(int completions, params V1PodFailurePolicyRule[] rules) => World(completions, rules, 6);

    private static JobWorld World(int completions, V1PodFailurePolicyRule rule, int backoffLimit) => World(completions, [rule], backoffLimit);

    private static JobWorld World(int completions, V1PodFailurePolicyRule[] rules, int backoffLimit) => new(s =>
    {
        (s.Completions, s.Parallelism, s.BackoffLimit, s.PodReplacementPolicy) = (completions, completions, backoffLimit, "Failed");
        s.PodFailurePolicy = new V1PodFailurePolicy { Rules = rules };
    });

    private static V1PodFailurePolicyRule OnExitCodes(string action, string op, params int[] codes) => new()
    {
        Action = action,
        OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement { OperatorProperty = op, Values = codes },
    };
}
