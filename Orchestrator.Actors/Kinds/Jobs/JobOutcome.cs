using k8s.Models;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>How a job ends, which is decided before its pods are gone.</summary>
/// <param name="Interim">The condition until then: <see cref="JobConditions.SuccessCriteriaMet"/> or <see cref="JobConditions.FailureTarget"/>.</param>
/// <param name="Reason">Reason of the conditions.</param>
/// <param name="Message">Message of the conditions.</param>
internal sealed record JobOutcome(string Interim, string Reason, string Message)
{
    /// <summary>Every completion was reached.</summary>
    public static readonly JobOutcome Completed = new(JobConditions.SuccessCriteriaMet, "CompletionsReached", "Reached expected number of succeeded pods");

    /// <summary>Whether the job failed.</summary>
    public bool IsFailure => Interim == JobConditions.FailureTarget;

    /// <summary>The condition of the end.</summary>
    public string Final => IsFailure ? JobConditions.Failed : JobConditions.Complete;

    /// <summary>Returns the outcome that the status of the job tells; null if it is open.</summary>
    public static JobOutcome? Of(V1Job job) =>
        (JobConditions.True(job, JobConditions.SuccessCriteriaMet) ?? JobConditions.True(job, JobConditions.FailureTarget)) is { } interim
            ? new JobOutcome(interim.Type, interim.Reason ?? "", interim.Message ?? "") : null;

    /// <summary>Returns the failure of a job that has used up what its spec allows; null if it may go on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="failed">Failed pods.</param>
    /// <param name="restarts">Restarts of the containers of pods that run.</param>
    /// <param name="untilDeadline">Time that is left; null if there is no deadline.</param>
    public static JobOutcome? Exhausted(V1Job job, int failed, int restarts, TimeSpan? untilDeadline) =>
        failed > JobFacts.BackoffLimit(job) || (JobFacts.RestartsInPlace(job) && restarts >= Math.Max(1, JobFacts.BackoffLimit(job)))
            ? Failure("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        : untilDeadline <= TimeSpan.Zero ? Failure("DeadlineExceeded", "Job was active longer than specified deadline")
        : null;

    /// <summary>A failure.</summary>
    public static JobOutcome Failure(string reason, string message) => new(JobConditions.FailureTarget, reason, message);
}
