using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.PodDisruptionBudgets;

/// <summary>How many pods the workloads of a budget want.</summary>
/// <param name="Count">Their replicas, all together.</param>
/// <param name="Problem">Why that is not known; null if it is.</param>
internal sealed record ExpectedPods(int Count, string? Problem);

/// <summary>Computes how many pods of a budget may be evicted now. Level-triggered: the same input always gives the same status.</summary>
/// <remarks>Kubernetes, "Specifying a Disruption Budget for your Application".</remarks>
internal static class DisruptionBudgetPlanner
{
    /// <summary>How long a pod that was allowed to go counts as gone, if nobody deletes it. 2 min.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Condition type.</summary>
    public const string DisruptionAllowed = "DisruptionAllowed";

    /// <param name="budget">The budget.</param>
    /// <param name="pods">The pods that it selects.</param>
    /// <param name="expected">See <see cref="ExpectedPods"/>.</param>
    /// <param name="now">Current time.</param>
    /// <returns>The new status, null if it does not change; and when time alone changes it.</returns>
    public static (V1PodDisruptionBudgetStatus? Status, TimeSpan? RecheckAfter) Plan(V1PodDisruptionBudget budget, IReadOnlyList<PodOutline> pods, ExpectedPods expected, DateTimeOffset now)
    {
        var (leaving, recheck) = Leaving(budget, pods, now);
        var (min, max) = (budget.Spec.MinAvailable?.Value, budget.Spec.MaxUnavailable?.Value);
        var isShare = max is not null || min?.EndsWith('%') == true;
        var count = isShare ? expected.Count : min is null ? 0 : pods.Count; // A budget that asks for nothing allows nothing, as in Kubernetes.
        var healthy = pods.Count(p => p.IsReady && !p.Object.IsDeleting && !leaving.ContainsKey(p.Object.Name));
        var wanted = max is not null ? Math.Max(0, count - Shares.Of(max, count, Math.Ceiling)) : Shares.Of(min ?? "0", count, Math.Ceiling);
        var isKnown = !isShare || expected.Problem is null; // What is not known allows nothing.
        var status = new V1PodDisruptionBudgetStatus
        {
            ObservedGeneration = budget.Metadata.Generation ?? budget.Status?.ObservedGeneration,
            DisruptedPods = leaving.Count > 0 ? leaving : null,
            ExpectedPods = count,
            CurrentHealthy = healthy,
            DesiredHealthy = wanted,
            DisruptionsAllowed = isKnown && count > 0 ? Math.Max(0, healthy - wanted) : 0,
        };
        status.Conditions = [.. (budget.Status?.Conditions ?? []).Where(c => c.Type != DisruptionAllowed), Condition(budget, status, isShare ? expected.Problem : null, now)];
        return (Models.Same(budget.Status, status) ? null : status, recheck);
    }

    /// <summary>Whether the budget selects a pod. An empty selector selects all of the namespace, an absent one none (policy/v1).</summary>
    public static bool Selects(V1PodDisruptionBudget budget, IDictionary<string, string> labels) => LabelSelectors.Matches(budget.Spec.Selector, labels);

    // The pods that were allowed to go and are still there. One that is not deleted in time is taken back.
    private static (Dictionary<string, DateTime?> Pods, TimeSpan? RecheckAfter) Leaving(V1PodDisruptionBudget budget, IReadOnlyList<PodOutline> pods, DateTimeOffset now)
    {
        var (left, recheck) = (new Dictionary<string, DateTime?>(), (TimeSpan?)null);
        foreach (var (name, at) in budget.Status?.DisruptedPods ?? new Dictionary<string, DateTime?>())
        {
            var remains = (at ?? default) + Patience - now.UtcDateTime;
            if (remains > TimeSpan.Zero && pods.Any(p => p.Object.Name == name && !p.Object.IsDeleting))
            {
                left[name] = at;
                recheck = recheck is { } r && r < remains ? r : remains;
            }
        }

        return (left, recheck);
    }

    private static V1Condition Condition(V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, string? problem, DateTimeOffset now)
    {
        var (isAllowed, reason) = problem is not null ? (false, "SyncFailed") : status.DisruptionsAllowed > 0 ? (true, "SufficientPods") : (false, "InsufficientPods");
        var (text, former) = (isAllowed ? "True" : "False", budget.Status?.Conditions?.FirstOrDefault(c => c.Type == DisruptionAllowed));
        return new V1Condition
        {
            Type = DisruptionAllowed,
            Status = text,
            Reason = reason,
            Message = problem ?? "",
            ObservedGeneration = status.ObservedGeneration,
            LastTransitionTime = former?.Status == text ? former.LastTransitionTime : new DateTime(now.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc), // API times have whole seconds.
        };
    }
}
