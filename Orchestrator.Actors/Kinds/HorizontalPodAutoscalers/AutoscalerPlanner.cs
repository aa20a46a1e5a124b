using System.Collections.Immutable;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Compares what the pods of a target use with what an autoscaler wants (Kubernetes, "Horizontal Pod Autoscaling"). Pure: the same input gives the same decision, and
/// what it remembers is an argument and a result.</summary>
internal static class AutoscalerPlanner
{
    private const string NoScale = "the HPA controller was unable to get the target's current scale: ";

    /// <summary>Decides anew.</summary>
    /// <param name="autoscaler">The autoscaler.</param>
    /// <param name="target">What it scales.</param>
    /// <param name="memory">What it remembers.</param>
    /// <param name="settings">See <see cref="AutoscalerSettings"/>.</param>
    /// <param name="now">The current time.</param>
    public static AutoscalerPlan Plan(V2HorizontalPodAutoscaler autoscaler, ScaleTarget target, AutoscalerMemory memory, AutoscalerSettings settings, DateTimeOffset now)
    {
        var conditions = new AutoscalerConditions(autoscaler.Status?.Conditions, now);
        memory = memory with { SyncedAt = now, Generation = autoscaler.Metadata.Generation ?? 0, Pending = null };
        if (target.Error is { } error)
        {
            conditions.AbleToScale(false, "FailedGetScale", NoScale + error);
            return Changed(autoscaler, Status(autoscaler, autoscaler.Status?.CurrentReplicas ?? 0, autoscaler.Status?.CurrentMetrics, conditions), memory, new Warning("FailedGetScale", error));
        }

        conditions.AbleToScale(true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        var (current, rules) = (target.Scale.Replicas, new ScalingRules(autoscaler.Spec, settings, now));
        if (memory.Recommendations.IsEmpty)
        {
            // Without it, a host that starts would scale down at once.
            memory = memory with { Recommendations = [new Recommendation(current, now)] };
        }

        if (current == 0 && rules.Min != 0)
        {
            conditions.ScalingActive(false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            return Changed(autoscaler, Status(autoscaler, current, null, conditions, desired: 0), memory);
        }

        if (current > autoscaler.Spec.MaxReplicas)
        {
            return Rescaled(autoscaler, current, new Rescale(autoscaler.Spec.MaxReplicas, "Current number of replicas above Spec.MaxReplicas"), null, conditions, memory, rules, now);
        }

        if (current < rules.Min)
        {
            return Rescaled(autoscaler, current, new Rescale(rules.Min, "Current number of replicas below Spec.MinReplicas"), null, conditions, memory, rules, now);
        }

        if (target.Selector is { } selector)
        {
            conditions.ScalingActive(false, selector.Reason, selector.Message);
            return Changed(autoscaler, Status(autoscaler, current, null, conditions), memory, new Warning(selector.EventReason, selector.Error), new Warning("FailedComputeMetricsReplicas", selector.Error));
        }

        return ByMetrics(autoscaler, target, conditions, memory, rules, new ReplicaCalculator(settings, now), now);
    }

    /// <summary>The status after the target refused its new size.</summary>
    /// <param name="autoscaler">The autoscaler.</param>
    /// <param name="pending">The new size.</param>
    /// <param name="error">Why it was refused.</param>
    /// <param name="now">The current time.</param>
    public static V2HorizontalPodAutoscalerStatus Refused(V2HorizontalPodAutoscaler autoscaler, PendingRescale pending, string error, DateTimeOffset now)
    {
        var conditions = new AutoscalerConditions(pending.Status.Conditions, now);
        conditions.AbleToScale(false, "FailedUpdateScale", $"the HPA controller was unable to update the target scale: {error}");
        return Status(autoscaler, pending.Status.CurrentReplicas ?? 0, pending.Status.CurrentMetrics, conditions);
    }

    /// <summary>Whether people see no difference between two statuses: the average value beside a share of requests is shown nowhere, and changes with every decision.</summary>
    public static bool LooksSame(V2HorizontalPodAutoscalerStatus? left, V2HorizontalPodAutoscalerStatus right) => left is not null && Models.Same(WithoutDetails(left), WithoutDetails(right));

    private static AutoscalerPlan ByMetrics(V2HorizontalPodAutoscaler autoscaler, ScaleTarget target, AutoscalerConditions conditions, AutoscalerMemory memory, ScalingRules rules,
        ReplicaCalculator calculator, DateTimeOffset now)
    {
        var current = target.Scale.Replicas;
        var proposals = (autoscaler.Spec.Metrics ?? []).Select(m => MetricProposal.Of(m, target, calculator)).ToList();
        var metrics = proposals.Select(p => p.Status).ToList();
        var failures = proposals.Select(p => p.Failure).OfType<MetricFailure>().ToList();
        var warnings = failures.Select(f => new Warning(f.Reason, f.Message)).ToList();
        var best = proposals.Where(p => p.Failure is null).MaxBy(p => p.Replicas);

        // A metric that is unknown might need the pods that the others do not need.
        if (best is null || (failures.Count > 0 && best.Replicas < current))
        {
            conditions.ScalingActive(false, failures.Count > 0 ? failures[0].Reason : "InvalidMetricSourceType", failures.Count > 0 ? failures[0].Condition : "no metrics");
            warnings.Add(new Warning("FailedComputeMetricsReplicas", $"invalid metrics ({failures.Count} invalid out of {proposals.Count}), first error is: {(failures.Count > 0 ? failures[0].Error : "")}"));
            return Changed(autoscaler, Status(autoscaler, current, metrics, conditions), memory, [.. warnings]);
        }

        conditions.ScalingActive(true, "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {best.Name}");
        var desired = best.Replicas;
        var reason = desired > current ? $"{best.Name} above target" : desired < current ? "All metrics below target" : "";
        var stable = rules.Stabilize(current, desired, memory.Recommendations);
        conditions.AbleToScale(true, stable.Reason, stable.Message);
        memory = memory with { Recommendations = rules.Remember(memory.Recommendations, desired) };
        var limited = rules.Limit(current, stable.Replicas, memory);
        conditions.ScalingLimited(limited.Replicas != stable.Replicas, limited.Reason, limited.Message);
        return limited.Replicas == current
            ? Changed(autoscaler, Status(autoscaler, current, metrics, conditions, desired: current), memory, [.. warnings])
            : Rescaled(autoscaler, current, new Rescale(limited.Replicas, reason), metrics, conditions, memory, rules, now, [.. warnings]);
    }

    private static AutoscalerPlan Rescaled(V2HorizontalPodAutoscaler autoscaler, int current, Rescale rescale, IList<V2MetricStatus>? metrics, AutoscalerConditions conditions,
        AutoscalerMemory memory, ScalingRules rules, DateTimeOffset now, params ImmutableArray<Warning> warnings)
    {
        conditions.AbleToScale(true, "SucceededRescale", $"the HPA controller was able to update the target scale to {rescale.Replicas}");
        var status = Status(autoscaler, current, metrics, conditions, rescale.Replicas);
        status.LastScaleTime = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).UtcDateTime;

        // Only policies count changes of size.
        var accepted = autoscaler.Spec.Behavior is null ? memory : memory.After(current, rescale.Replicas, now, rules.OldestChange);
        return new AutoscalerPlan(rescale, null, warnings, memory with { Pending = new PendingRescale(status, accepted) });
    }

    // Warnings are told when the status changes, and not every time.
    private static AutoscalerPlan Changed(V2HorizontalPodAutoscaler autoscaler, V2HorizontalPodAutoscalerStatus status, AutoscalerMemory memory, params ImmutableArray<Warning> warnings) =>
        LooksSame(autoscaler.Status, status) ? new AutoscalerPlan(null, null, [], memory) : new AutoscalerPlan(null, status, warnings, memory);

    private static V2HorizontalPodAutoscalerStatus Status(V2HorizontalPodAutoscaler autoscaler, int current, IList<V2MetricStatus>? metrics, AutoscalerConditions conditions, int? desired = null) => new()
    {
        Conditions = conditions.All,
        CurrentMetrics = metrics is { Count: > 0 } ? metrics : null,
        CurrentReplicas = current,
        DesiredReplicas = desired ?? autoscaler.Status?.DesiredReplicas ?? 0,
        LastScaleTime = autoscaler.Status?.LastScaleTime,
    };

    private static V2HorizontalPodAutoscalerStatus WithoutDetails(V2HorizontalPodAutoscalerStatus status)
    {
        var copy = Models.Copy(status);
        foreach (var value in (copy.CurrentMetrics ?? []).Select(m => m.Resource?.Current ?? m.ContainerResource?.Current).OfType<V2MetricValueStatus>().Where(v => v.AverageUtilization is not null))
        {
            value.AverageValue = null;
        }

        return copy;
    }
}
