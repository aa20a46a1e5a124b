using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Replicas, surge and limits of a deployment, with defaults applied and percentages resolved.</summary>
internal static class DeploymentFacts
{
    public static int Replicas(V1Deployment d) => d.Spec.Replicas ?? 1;

    public static bool IsRollingUpdate(V1Deployment d) => d.Spec.Strategy?.Type is null or "" or "RollingUpdate";

    public static bool IsPaused(V1Deployment d) => d.Spec.Paused == true;

    public static TimeSpan? ProgressDeadline(V1Deployment d) => (d.Spec.ProgressDeadlineSeconds ?? 600) is var s && s != int.MaxValue ? TimeSpan.FromSeconds(s) : null;

    public static int? HistoryLimit(V1Deployment d) => (d.Spec.RevisionHistoryLimit ?? 10) is var n && n != int.MaxValue ? n : null;

    public static int MaxSurge(V1Deployment d) => IsRollingUpdate(d) ? Fenceposts(d).Surge : 0;

    public static int MaxUnavailable(V1Deployment d) =>
        IsRollingUpdate(d) && Replicas(d) > 0 ? Math.Min(Fenceposts(d).Unavailable, Replicas(d)) : 0;

    // Surge rounds up and unavailable rounds down; if both are zero, one pod may be unavailable, or the rollout could not advance.
    private static (int Surge, int Unavailable) Fenceposts(V1Deployment d)
    {
        var surge = Share(d.Spec.Strategy?.RollingUpdate?.MaxSurge?.Value, d, Math.Ceiling);
        var unavailable = Share(d.Spec.Strategy?.RollingUpdate?.MaxUnavailable?.Value, d, Math.Floor);
        return (surge, surge == 0 && unavailable == 0 ? 1 : unavailable);
    }

    private static int Share(string? value, V1Deployment d, Func<decimal, decimal> round) => Shares.Of(string.IsNullOrEmpty(value) ? "25%" : value, Replicas(d), round);
}
