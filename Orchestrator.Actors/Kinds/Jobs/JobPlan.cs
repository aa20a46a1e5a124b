using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>The steps that bring a job closer to its end.</summary>
internal sealed record JobPlan
{
    /// <summary>Whether the job is to be deleted, because it ended longer ago than its spec wants to keep it.</summary>
    public bool IsExpired { get; init; }

    /// <summary>Pods to create.</summary>
    public IReadOnlyList<NewPod> Create { get; init; } = [];

    /// <summary>Pods to delete.</summary>
    public IReadOnlyList<PodOutline> Delete { get; init; } = [];

    /// <summary>Pods whose tracking finalizer is to be removed: they are counted, or must not be.</summary>
    public IReadOnlyList<PodOutline> Untrack { get; init; } = [];

    /// <summary>Pods to adopt.</summary>
    public IReadOnlyList<PodOutline> Adopt { get; init; } = [];

    /// <summary>Pods to release.</summary>
    public IReadOnlyList<PodOutline> Release { get; init; } = [];

    /// <summary>The new status; null if it does not change.</summary>
    public V1JobStatus? Status { get; init; }

    /// <summary>Events to record once the status is stored.</summary>
    public IReadOnlyList<JobEvent> Events { get; init; } = [];

    /// <summary>When time alone changes the plan; null if it does not.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>A pod to create.</summary>
/// <param name="Index">Its completion index; null if the job is not indexed.</param>
/// <param name="Failures">How often pods of its index failed.</param>
/// <param name="IgnoredFailures">How often they failed without being counted.</param>
internal readonly record struct NewPod(int? Index, int Failures, int IgnoredFailures);

/// <summary>A Kubernetes Event about a job.</summary>
internal sealed record JobEvent(string Type, string Reason, string Message);
