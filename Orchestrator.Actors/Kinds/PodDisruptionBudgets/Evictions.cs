using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.PodDisruptionBudgets;

/// <summary>Whether a pod may be evicted.</summary>
/// <param name="Refusal">Why not; null if it may.</param>
/// <param name="Reserved">The budget's status with this disruption; null if none has to be counted.</param>
/// <param name="HoldsForVersion">Whether the verdict is about this version of the pod alone: one that gets ready has to be counted.</param>
/// <param name="IsSoonOver">Whether the refusal is over as soon as the budget has been looked at.</param>
public sealed record EvictionVerdict(ApiError? Refusal, V1PodDisruptionBudgetStatus? Reserved, bool HoldsForVersion = false, bool IsSoonOver = false)
{
    /// <summary>The pod may go, and no budget counts it.</summary>
    public static readonly EvictionVerdict Free = new(null, null);
}

/// <summary>Decides about evictions. Pure.</summary>
/// <remarks>Kubernetes, "API-initiated Eviction".</remarks>
public static class Evictions
{
    /// <summary>Maximum number of pods that are on their way out of one budget.</summary>
    private const int MaxLeaving = 2_000;

    /// <summary>Decides whether a pod may go.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="budgets">All budgets of its namespace.</param>
    /// <param name="now">Current time.</param>
    public static EvictionVerdict Judge(KubeObject pod, IEnumerable<KubeObject> budgets, DateTimeOffset now)
    {
        // What has ended or does not run yet is no loss.
        if (pod.Phase is "Succeeded" or "Failed" or "Pending" || pod.IsDeleting)
        {
            return EvictionVerdict.Free with { HoldsForVersion = pod.Phase == "Pending" && !pod.IsDeleting };
        }

        var mine = Of(pod, budgets);
        return mine switch
        {
            [] => EvictionVerdict.Free,
            [var only] => Judge(PodOutline.Of(pod), only, now),
            _ => Refused(new ApiError(ApiReason.InternalError, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")),
        };
    }

    /// <summary>The budgets that select a pod.</summary>
    public static IReadOnlyList<KubeObject> Of(KubeObject pod, IEnumerable<KubeObject> budgets) =>
        [.. budgets.Where(b => !b.IsDeleting && DisruptionBudgetPlanner.Selects(b.As<V1PodDisruptionBudget>(), pod.Labels))];

    private static EvictionVerdict Judge(PodOutline pod, KubeObject stored, DateTimeOffset now)
    {
        var budget = stored.As<V1PodDisruptionBudget>();
        var status = budget.Status ?? new V1PodDisruptionBudgetStatus();
        if (!pod.IsReady && (budget.Spec.UnhealthyPodEvictionPolicy == "AlwaysAllow" || (status.CurrentHealthy >= status.DesiredHealthy && status.DesiredHealthy > 0)))
        {
            return EvictionVerdict.Free with { HoldsForVersion = true };
        }

        if ((status.ObservedGeneration ?? 0) < (budget.Metadata.Generation ?? 0))
        {
            return Refused(Violation("Cannot evict pod as it would violate the pod's disruption budget.", $"The disruption budget {stored.Name} is still being processed by the server.")) with { IsSoonOver = true };
        }

        var leaving = new Dictionary<string, DateTime?>(status.DisruptedPods ?? new Dictionary<string, DateTime?>());
        if (leaving.ContainsKey(pod.Object.Name))
        {
            return EvictionVerdict.Free; // It was counted already.
        }

        if (leaving.Count > MaxLeaving)
        {
            return Refused(new ApiError(ApiReason.Forbidden, $"pods \"{pod.Object.Name}\" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller"));
        }

        if (status.DisruptionsAllowed <= 0)
        {
            return Refused(Violation("Cannot evict pod as it would violate the pod's disruption budget.",
                $"The disruption budget {stored.Name} needs {status.DesiredHealthy} healthy pods and has {status.CurrentHealthy} currently"));
        }

        leaving[pod.Object.Name] = now.UtcDateTime;
        return new EvictionVerdict(null, new V1PodDisruptionBudgetStatus
        {
            ObservedGeneration = status.ObservedGeneration,
            Conditions = status.Conditions,
            CurrentHealthy = status.CurrentHealthy,
            DesiredHealthy = status.DesiredHealthy,
            ExpectedPods = status.ExpectedPods,
            DisruptionsAllowed = status.DisruptionsAllowed - 1,
            DisruptedPods = leaving,
        });
    }

    private static EvictionVerdict Refused(ApiError refusal) => new(refusal, null);

    private static ApiError Violation(string message, string why) => new(ApiReason.TooManyRequests, message, [new ApiCause("", "DisruptionBudget", why)]);
}
