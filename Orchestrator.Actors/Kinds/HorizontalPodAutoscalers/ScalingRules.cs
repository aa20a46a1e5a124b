using System.Collections.Immutable;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>From the number that metrics ask for to the number that the spec allows: stabilization, rate, minimum and maximum (Kubernetes, "Horizontal Pod Autoscaling",
/// configurable scaling behavior). Pure.</summary>
/// <param name="spec">Spec of the autoscaler.</param>
/// <param name="settings">See <see cref="AutoscalerSettings"/>.</param>
/// <param name="now">The current time.</param>
internal sealed class ScalingRules(V2HorizontalPodAutoscalerSpec spec, AutoscalerSettings settings, DateTimeOffset now)
{
    private const int ScaleUpFactor = 2;
    private const int ScaleUpMinimum = 4;

    /// <summary>The smallest number of replicas.</summary>
    public int Min => spec.MinReplicas ?? 1;

    private V2HPAScalingRules? Up => spec.Behavior?.ScaleUp;

    private V2HPAScalingRules? Down => spec.Behavior?.ScaleDown;

    private TimeSpan UpWindow => TimeSpan.FromSeconds(Up?.StabilizationWindowSeconds ?? 0);

    private TimeSpan DownWindow => Down?.StabilizationWindowSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : settings.DownscaleStabilization;

    /// <summary>The earliest time of a change of size that a policy can still ask for.</summary>
    public DateTimeOffset OldestChange => now.AddSeconds(-(Up?.Policies ?? []).Concat(Down?.Policies ?? []).Select(p => p.PeriodSeconds).DefaultIfEmpty().Max());

    /// <summary>Recommendations with the newest one, without those that no window reaches.</summary>
    public ImmutableArray<Recommendation> Remember(ImmutableArray<Recommendation> recommendations, int desired)
    {
        var oldest = now - (UpWindow > DownWindow ? UpWindow : DownWindow);
        return [.. recommendations.Where(r => r.At >= oldest), new Recommendation(desired, now)];
    }

    /// <summary>Applies the stabilization windows: up to the lowest number of a window, down to the highest of a window.</summary>
    /// <param name="current">Present number of replicas.</param>
    /// <param name="desired">The number that metrics ask for.</param>
    /// <param name="recent">Earlier recommendations.</param>
    public Limited Stabilize(int current, int desired, ImmutableArray<Recommendation> recent)
    {
        var lowest = recent.Where(r => r.At > now - UpWindow).Select(r => r.Replicas).Append(desired).Min();
        var highest = recent.Where(r => r.At > now - DownWindow).Select(r => r.Replicas).Append(desired).Max();
        var stable = spec.Behavior is null ? highest : Math.Min(Math.Max(current, lowest), highest);
        return stable == desired ? new Limited(stable, "ReadyForNewScale", "recommended size matches current size")
            : spec.Behavior is not null && desired >= current ? new Limited(stable, "ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation")
            : new Limited(stable, "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");
    }

    /// <summary>Applies the rate of change, the minimum and the maximum.</summary>
    /// <param name="current">Present number of replicas.</param>
    /// <param name="desired">The stabilized number.</param>
    /// <param name="memory">The recent changes of size.</param>
    public Limited Limit(int current, int desired, AutoscalerMemory memory) => spec.Behavior is null ? LimitByDefault(current, desired) : LimitByPolicies(current, desired, memory);

    private Limited LimitByDefault(int current, int desired)
    {
        var rate = Math.Max(ScaleUpFactor * current, ScaleUpMinimum);
        return desired < Min ? TooFew(Min)
            : desired > Math.Min(rate, spec.MaxReplicas) ? spec.MaxReplicas > rate ? TooFast(rate) : TooMany(spec.MaxReplicas)
            : WithinRange(desired);
    }

    private Limited LimitByPolicies(int current, int desired, AutoscalerMemory memory)
    {
        if (desired > current)
        {
            var rate = Math.Max(current, UpLimit(current, memory));
            return desired <= Math.Min(rate, spec.MaxReplicas) ? WithinRange(desired) : spec.MaxReplicas > rate ? TooFast(rate) : TooMany(spec.MaxReplicas);
        }

        if (desired < current)
        {
            var rate = Math.Min(current, DownLimit(current, memory));
            return desired >= Math.Max(rate, Min) ? WithinRange(desired)
                : Min < rate ? new Limited(rate, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate") : TooFew(Min);
        }

        return WithinRange(desired);
    }

    private int UpLimit(int current, AutoscalerMemory memory)
    {
        if (Up?.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = (Up?.Policies ?? []).Select(p =>
        {
            var start = Start(current, p, memory);
            return p.Type == "Pods" ? start + p.Value : (long)Math.Ceiling(start * (1 + (p.Value / 100.0)));
        });
        return Select(limits, Up?.SelectPolicy == "Min" ? Enumerable.Min : Enumerable.Max, current);
    }

    private int DownLimit(int current, AutoscalerMemory memory)
    {
        if (Down?.SelectPolicy == "Disabled")
        {
            return current;
        }

        // A policy that removes the fewest pods leaves the most.
        var limits = (Down?.Policies ?? []).Select(p =>
        {
            var start = Start(current, p, memory);
            return p.Type == "Pods" ? start - p.Value : (long)(start * (1 - (p.Value / 100.0)));
        });
        return Select(limits, Down?.SelectPolicy == "Min" ? Enumerable.Max : Enumerable.Min, current);
    }

    private static int Select(IEnumerable<long> limits, Func<IEnumerable<long>, long> select, int none) =>
        limits.ToList() is { Count: > 0 } all ? (int)Math.Clamp(select(all), int.MinValue, int.MaxValue) : none;

    // The number of replicas when the period of a policy began.
    private long Start(int current, V2HPAScalingPolicy policy, AutoscalerMemory memory)
    {
        var begin = now.AddSeconds(-policy.PeriodSeconds);
        return current - memory.ScaleUps.Where(c => c.At > begin).Sum(c => c.Pods) + memory.ScaleDowns.Where(c => c.At > begin).Sum(c => c.Pods);
    }

    private static Limited WithinRange(int replicas) => new(replicas, "DesiredWithinRange", "the desired count is within the acceptable range");

    private static Limited TooFast(int replicas) => new(replicas, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");

    private static Limited TooMany(int replicas) => new(replicas, "TooManyReplicas", "the desired replica count is more than the maximum replica count");

    private static Limited TooFew(int replicas) => new(replicas, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
}

/// <summary>A number of replicas, and why it is this one.</summary>
internal readonly record struct Limited(int Replicas, string Reason, string Message);
