using CsCheck;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Workloads;
using k8s.Models;
using static Orchestrator.Tests.Kinds.HorizontalPodAutoscalers.Autoscaled;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>What an autoscaler decides, and what it says about it.</summary>
public sealed class AutoscalerPlannerSpec
{
    private const string Memory = """{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"10"}}}""";
    private const string Cpu = """{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}""";
    private const string Side = """{"type":"ContainerResource","containerResource":{"name":"cpu","container":"main","target":{"type":"Utilization","averageUtilization":50}}}""";
    private const string Requests = """{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"10"}}}""";

    [Fact]
    public void More_load_means_more_pods()
    {
        var plan = Plan(Autoscaler(), Target(Using(191)));
        Assert.Equal(new Rescale(4, "cpu resource utilization (percentage of request) above target"), plan.Rescale);
        Assert.Null(plan.Status);
        var status = plan.Memory.Pending!.Status;
        Assert.Equal((1, 4, Now.UtcDateTime), (status.CurrentReplicas, status.DesiredReplicas, status.LastScaleTime!.Value));
        Assert.Equal(
            """
            AbleToScale True SucceededRescale the HPA controller was able to update the target scale to 4
            ScalingActive True ValidMetricFound the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)
            ScalingLimited False DesiredWithinRange the desired count is within the acceptable range
            """, Conditions(status));
        Assert.Equal(("cpu", 191, "191m"), status.CurrentMetrics.Single() is { Type: "Resource", Resource: { } cpu } ? (cpu.Name, cpu.Current.AverageUtilization, cpu.Current.AverageValue.ToString()) : default);
    }

    [Fact]
    public void Less_load_means_fewer_pods_when_the_window_is_over()
    {
        var (pods, autoscaler) = (Target(Using(0, 0, 0, 0)), Autoscaler());
        var first = Plan(autoscaler, pods);
        Assert.Null(first.Rescale);
        Assert.Equal(
            """
            AbleToScale True ScaleDownStabilized recent recommendations were higher than current one, applying the highest recent recommendation
            ScalingActive True ValidMetricFound the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)
            ScalingLimited False DesiredWithinRange the desired count is within the acceptable range
            """, Conditions(first.Status!));
        Assert.Null(AutoscalerPlanner.Plan(autoscaler, pods, first.Memory, AutoscalerSettings.Default, Now.AddSeconds(299)).Rescale);
        var later = AutoscalerPlanner.Plan(autoscaler, pods, first.Memory, AutoscalerSettings.Default, Now.AddSeconds(301));
        Assert.Equal(new Rescale(1, "All metrics below target"), later.Rescale);
        Assert.Contains("ScalingLimited True TooFewReplicas the desired replica count is less than the minimum replica count", Conditions(later.Memory.Pending!.Status), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"maxReplicas":3}""", 5, 3, "Current number of replicas above Spec.MaxReplicas")]
    [InlineData("""{"minReplicas":3}""", 2, 3, "Current number of replicas below Spec.MinReplicas")]
    public void The_bounds_hold_whatever_the_metrics_say(string spec, int replicas, int wanted, string reason) =>
        Assert.Equal(new Rescale(wanted, reason), Plan(Autoscaler(spec), Target([Pod("a", null)], replicas)).Rescale);

    [Fact]
    public void A_target_of_no_pods_is_left_alone()
    {
        var plan = Plan(Autoscaler(), Target([], 0));
        Assert.Null(plan.Rescale);
        Assert.Equal((0, 0), (plan.Status!.CurrentReplicas, plan.Status.DesiredReplicas));
        Assert.Contains("ScalingActive False ScalingDisabled scaling is disabled since the replica count of the target is zero", Conditions(plan.Status), StringComparison.Ordinal);
    }

    [Fact]
    public void The_metric_that_asks_for_most_wins()
    {
        var plan = Plan(Autoscaler($$"""{"metrics":[{{Cpu}},{{Memory}}]}"""), Target(Using(60)));
        Assert.Equal(new Rescale(4, "memory resource above target"), plan.Rescale);
        Assert.Contains("ScalingLimited True ScaleUpLimit the desired replica count is increasing faster than the maximum scale rate", Conditions(plan.Memory.Pending!.Status), StringComparison.Ordinal);
        Assert.Equal("cpu container resource utilization (percentage of request) above target", Plan(Autoscaler($$"""{"metrics":[{{Side}}]}"""), Target(Using(100))).Rescale!.Reason);
    }

    [Fact]
    public void With_one_unknown_metric_pods_are_added_but_not_removed()
    {
        var autoscaler = Autoscaler($$"""{"metrics":[{{Requests}},{{Cpu}}],"behavior":{"scaleDown":{"stabilizationWindowSeconds":0} } }""");
        Assert.Equal(2, Plan(autoscaler, Target(Using(100))).Rescale!.Replicas);
        var down = Plan(autoscaler, Target(Using(1, 1, 1)));
        Assert.Null(down.Rescale);
        Assert.Contains("ScalingActive False FailedGetPodsMetric the HPA was unable to compute the replica count: unable to get metric rps: ", Conditions(down.Status!), StringComparison.Ordinal);
        Assert.Equal(["FailedGetPodsMetric", "FailedComputeMetricsReplicas"], down.Warnings.Select(w => w.Reason));
        Assert.StartsWith("invalid metrics (1 invalid out of 2), first error is: failed to get pods metric value: unable to get metric rps: ", down.Warnings[1].Message, StringComparison.Ordinal);
        Assert.Equal(["", "Resource"], down.Status!.CurrentMetrics.Select(m => m.Type));
    }

    [Fact]
    public void Without_metrics_nothing_is_done_and_the_reason_is_said_once()
    {
        var autoscaler = Autoscaler();
        var plan = Plan(autoscaler, Target([Pod("a", null), Pod("b", null)]));
        Assert.Null(plan.Rescale);
        Assert.Equal(
            """
            AbleToScale True SucceededGetScale the HPA controller was able to get the target's current scale
            ScalingActive False FailedGetResourceMetric the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API
            """, Conditions(plan.Status!));
        Assert.Equal(2, plan.Status!.CurrentReplicas);
        Assert.Equal(
            (IEnumerable<Warning>)
            [
                new Warning("FailedGetResourceMetric", "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API"),
                new Warning("FailedComputeMetricsReplicas", "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API"),
            ], plan.Warnings);
        autoscaler = With(autoscaler, plan.Status);
        var again = AutoscalerPlanner.Plan(autoscaler, Target([Pod("a", null), Pod("b", null)]), plan.Memory, AutoscalerSettings.Default, Now.AddSeconds(15));
        Assert.Equal((null, 0), (again.Status, again.Warnings.Length));
    }

    [Fact]
    public void A_target_that_is_not_there_is_said_so()
    {
        var plan = Plan(Autoscaler(), ScaleTarget.Missing("default", "deployments.apps \"web\" not found"));
        Assert.Equal("AbleToScale False FailedGetScale the HPA controller was unable to get the target's current scale: deployments.apps \"web\" not found", Conditions(plan.Status!));
        Assert.Equal(new Warning("FailedGetScale", "deployments.apps \"web\" not found"), Assert.Single(plan.Warnings));
    }

    [Fact]
    public void A_selector_that_cannot_be_used_is_said_so()
    {
        var target = Target(Using(200)) with { Selector = new SelectorFailure("SelectorRequired", "InvalidSelector", "selector is required", "the HPA target's scale is missing a selector") };
        var plan = Plan(Autoscaler(), target);
        Assert.Null(plan.Rescale);
        Assert.Contains("ScalingActive False InvalidSelector the HPA target's scale is missing a selector", Conditions(plan.Status!), StringComparison.Ordinal);
        Assert.Equal(["SelectorRequired", "FailedComputeMetricsReplicas"], plan.Warnings.Select(w => w.Reason));
    }

    [Fact]
    public void A_refused_size_is_shown_and_was_not_set()
    {
        var plan = Plan(Autoscaler(), Target(Using(191)));
        var status = AutoscalerPlanner.Refused(Autoscaler(), plan.Memory.Pending!, "nobody answered", Now);
        Assert.Equal((1, 0, null), (status.CurrentReplicas, status.DesiredReplicas, status.LastScaleTime));
        Assert.StartsWith("AbleToScale False FailedUpdateScale the HPA controller was unable to update the target scale: nobody answered\n", Conditions(status), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_people_see_is_written()
    {
        var autoscaler = With(Autoscaler(), Plan(Autoscaler(), Target(Using(500, 505), 2)).Memory.Pending!.Status);
        autoscaler = With(autoscaler, AutoscalerPlanner.Plan(autoscaler, Target(Using(50, 50)), AutoscalerMemory.Empty, AutoscalerSettings.Default, Now).Status!);
        Assert.Null(AutoscalerPlanner.Plan(autoscaler, Target(Using(50, 51)), AutoscalerMemory.Empty, AutoscalerSettings.Default, Now.AddSeconds(15)).Status);
        Assert.NotNull(AutoscalerPlanner.Plan(autoscaler, Target(Using(50, 52)), AutoscalerMemory.Empty, AutoscalerSettings.Default, Now.AddSeconds(15)).Status);
    }

    [Fact]
    public void Conditions_keep_their_transition_time_while_their_status_is_the_same()
    {
        var autoscaler = With(Autoscaler(), Plan(Autoscaler(), Target(Using(0, 0, 0, 0))).Status!);
        var plan = AutoscalerPlanner.Plan(autoscaler, Target([Pod("a", null)]), AutoscalerMemory.Empty, AutoscalerSettings.Default, Now.AddSeconds(60));
        Assert.Equal([("AbleToScale", 0), ("ScalingActive", 60), ("ScalingLimited", 0)],
            plan.Status!.Conditions.Select(c => (c.Type, (int)(c.LastTransitionTime!.Value - Now.UtcDateTime).TotalSeconds)));
    }

    // A load that pods share: whatever it is, the size settles where the pods use about what they should, within bounds, and then nothing is planned or written any more.
    [Fact]
    public void It_settles_for_any_load_and_then_plans_nothing() => Gen.Select(Gen.Long[0, 3000], Gen.Int[1, 5], Gen.Int[0, 12], Gen.Int[1, 20], Gen.Bool).Sample((load, min, more, start, hasBehavior) =>
    {
        var autoscaler = Autoscaler($$"""{"minReplicas":{{min}},"maxReplicas":{{min + more}}{{(hasBehavior ? ",\"behavior\":{}" : "")}} }""");
        var (replicas, memory, calm, now) = (start, AutoscalerMemory.Empty, 0, Now);
        for (var i = 0; calm < 25 && i < 200; i++, now = now.AddSeconds(15))
        {
            long[] shares = new long[replicas];
            Array.Fill(shares, load / replicas);
            var plan = AutoscalerPlanner.Plan(autoscaler, Target(Using(shares)), memory, AutoscalerSettings.Default, now);
            Assert.InRange(plan.Rescale?.Replicas ?? min, min, min + more);
            calm = plan.Rescale is null && plan.Status is null ? calm + 1 : 0;
            (memory, replicas) = (plan.Memory.Pending?.Accepted ?? plan.Memory, plan.Rescale?.Replicas ?? replicas);
            autoscaler = With(autoscaler, plan.Memory.Pending?.Status ?? plan.Status ?? autoscaler.Status);
        }

        Assert.Equal(25, calm);
        Assert.InRange(replicas, min, min + more);
        var share = (double)(load / replicas) / 50;
        Assert.True(share <= 1.12 || replicas == min + more, $"{replicas} pods are too few for {load}");
        Assert.True(share * replicas > (replicas - 1) * 0.88 || replicas == min, $"{replicas} pods are too many for {load}");
    });

    private static AutoscalerPlan Plan(V2HorizontalPodAutoscaler autoscaler, ScaleTarget target) => AutoscalerPlanner.Plan(autoscaler, target, AutoscalerMemory.Empty, AutoscalerSettings.Default, Now);

    private static V2HorizontalPodAutoscaler With(V2HorizontalPodAutoscaler autoscaler, V2HorizontalPodAutoscalerStatus? status)
    {
        var copy = Models.Copy(autoscaler);
        copy.Status = status;
        return copy;
    }

    private static string Conditions(V2HorizontalPodAutoscalerStatus status) => string.Join('\n', status.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason} {c.Message}"));
}
