using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>What the spec of a job says, with its defaults.</summary>
internal static class JobFacts
{
    /// <summary>Whether the job is run by its built-in controller, and not by another one of the user's (<c>spec.managedBy</c>).</summary>
    public static bool IsOurs(V1Job job) => job.Spec.ManagedBy is null or "kubernetes.io/job-controller";

    /// <summary>Most pods that run at once.</summary>
    public static int Parallelism(V1Job job) => job.Spec.Parallelism ?? 1;

    /// <summary>Failed pods, or restarts of containers, that the job survives.</summary>
    public static int BackoffLimit(V1Job job) => job.Spec.BackoffLimit ?? (job.Spec.BackoffLimitPerIndex is null ? 6 : int.MaxValue);

    /// <summary>Whether no pod of the job may run.</summary>
    public static bool IsSuspended(V1Job job) => job.Spec.Suspend == true;

    /// <summary>Whether the containers of a pod are restarted in place.</summary>
    public static bool RestartsInPlace(V1Job job) => job.Spec.Template.Spec.RestartPolicy == "OnFailure";

    /// <summary>Whether a pod is replaced only when it has ended, and not already when it is being deleted.</summary>
    public static bool ReplacesOnlyFailed(V1Job job) => job.Spec.PodReplacementPolicy == "Failed" || job.Spec.PodFailurePolicy is not null;

    /// <summary>Whether a pod counts as failed. One that is being deleted does, because it may never come to say so, and one without a node never will.</summary>
    public static bool HasFailed(V1Job job, PodOutline pod) =>
        pod.Object.Phase == "Failed" || (pod.Object.IsDeleting && pod.Object.Phase != "Succeeded" && (!ReplacesOnlyFailed(job) || pod.Object.NodeName is not { Length: > 0 }));
}
