using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Metrics about the state of all jobs.</summary>
internal static class JobMetrics
{
    /// <summary>See <see cref="ResourceDefinition.Metrics"/>.</summary>
    public static readonly ImmutableArray<StateMetric> All =
    [
        new("kube_job_status_active", "Running pods of the jobs.", ["namespace"], (j, sum) => sum.Add(j.As<V1Job>().Status?.Active ?? 0, j.Namespace)),
        new("kube_job_status_succeeded", "Pods of the jobs that succeeded.", ["namespace"], (j, sum) => sum.Add(j.As<V1Job>().Status?.Succeeded ?? 0, j.Namespace)),
        new("kube_job_status_failed", "Pods of the jobs that failed.", ["namespace"], (j, sum) => sum.Add(j.As<V1Job>().Status?.Failed ?? 0, j.Namespace)),
        new("kube_job_complete", "Jobs that are complete.", ["namespace"], (j, sum) => sum.Add(JobConditions.IsTrue(j.As<V1Job>(), JobConditions.Complete) ? 1 : 0, j.Namespace)),
        new("kube_job_failed", "Jobs that failed.", ["namespace"], (j, sum) => sum.Add(JobConditions.IsTrue(j.As<V1Job>(), JobConditions.Failed) ? 1 : 0, j.Namespace)),
    ];
}
