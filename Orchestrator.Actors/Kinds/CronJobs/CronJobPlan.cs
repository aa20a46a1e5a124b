using k8s.Models;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>The steps that a cron job takes now.</summary>
internal sealed record CronJobPlan
{
    /// <summary>The job that is due; null if none is.</summary>
    public V1Job? Create { get; init; }

    /// <summary>Jobs to delete: those that a new one replaces, and the oldest ones that ended.</summary>
    public IReadOnlyList<V1Job> Delete { get; init; } = [];

    /// <summary>The new status; null if it does not change.</summary>
    public V1CronJobStatus? Status { get; init; }

    /// <summary>Events to record once the status is stored.</summary>
    public IReadOnlyList<CronJobEvent> Events { get; init; } = [];

    /// <summary>Events to record once, although nothing else is done.</summary>
    public IReadOnlyList<CronJobEvent> Findings { get; init; } = [];

    /// <summary>When the next job is due; null if none ever is.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>A Kubernetes Event about a cron job.</summary>
/// <param name="Type">Normal or Warning.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Message">The message.</param>
/// <param name="Of">Tells a finding from the same one at another time.</param>
internal sealed record CronJobEvent(string Type, string Reason, string Message, string Of = "");
