using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The pods of a job, and how they stand.</summary>
internal sealed class JobPods
{
    private static readonly string Tracking = JobDefinition.Instance.TrackingFinalizer!;

    /// <param name="job">The job.</param>
    /// <param name="candidates">Pods that it owns or may adopt.</param>
    public JobPods(V1Job job, IReadOnlyList<PodOutline> candidates)
    {
        var refs = ControllerRefs.Of(job.Metadata, job.Spec.Selector, candidates, p => p.Object);
        (Owned, Adopt, Release) = (refs.Owned, refs.Adopt, refs.Release);
        Active = [.. Owned.Where(p => p.IsActive)];
        Tracked = Owned.Where(IsTracked).ToDictionary(p => p.Object.Uid, StringComparer.Ordinal);
    }

    /// <summary>Pods that the job controls.</summary>
    public IReadOnlyList<PodOutline> Owned { get; }

    /// <summary>Pods to adopt.</summary>
    public IReadOnlyList<PodOutline> Adopt { get; }

    /// <summary>Pods that the selector no longer matches.</summary>
    public IReadOnlyList<PodOutline> Release { get; }

    /// <summary>Pods of the job that have not ended and are not being deleted.</summary>
    public IReadOnlyList<PodOutline> Active { get; }

    /// <summary>Pods of the job with the tracking finalizer, by uid: they are not counted yet.</summary>
    public IReadOnlyDictionary<string, PodOutline> Tracked { get; }

    /// <summary>Pods that are being deleted and have not ended.</summary>
    public int Terminating => Owned.Count(p => p.Object.IsDeleting && !p.HasEnded);

    /// <summary>Restarts of the containers of all pods that have not ended.</summary>
    public int Restarts => Owned.Where(p => !p.HasEnded).Sum(p => p.AllRestarts + p.InitRestarts);

    /// <summary>Whether a pod has the tracking finalizer.</summary>
    public static bool IsTracked(PodOutline pod) => pod.Object.Finalizers.Contains(Tracking);
}
