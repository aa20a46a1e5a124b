using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Compares a job with its pods. Level-triggered: the same input always gives the same plan.</summary>
/// <remarks>A job ends in three steps. First its outcome is decided (SuccessCriteriaMet or FailureTarget) and what still runs is deleted; then its pods are
/// counted; and when nothing of it is left to count or to end, it is Complete or Failed.</remarks>
internal static class JobPlanner
{
    /// <param name="job">The job.</param>
    /// <param name="candidates">Pods that it owns or may adopt.</param>
    /// <param name="now">Current time.</param>
    public static JobPlan Plan(V1Job job, IReadOnlyList<PodOutline> candidates, DateTimeOffset now)
    {
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        var pods = new JobPods(job, candidates);
        return JobConditions.End(job) is { } end ? Ended(job, end, pods, now)
            : JobFacts.IsOurs(job) ? new Pass(job, pods, JobIndexes.Of(job, pods), now).Plan()
            : new JobPlan();
    }

    // Kubernetes, "Automatic Cleanup for Finished Jobs".
    private static JobPlan Ended(V1Job job, V1JobCondition end, JobPods pods, DateTimeOffset now)
    {
        var left = job.Metadata.DeletionTimestamp is null && job.Spec.TtlSecondsAfterFinished is { } ttl && end.LastTransitionTime is { } at
            ? at.AddSeconds(ttl) - now.UtcDateTime : (TimeSpan?)null;
        return new JobPlan { IsExpired = left <= TimeSpan.Zero, RecheckAfter = left > TimeSpan.Zero ? left : null, Untrack = JobFacts.IsOurs(job) ? [.. pods.Tracked.Values.Take(JobSize.Burst)] : [] };
    }

    private sealed class Pass(V1Job job, JobPods pods, JobIndexes? indexes, DateTimeOffset now)
    {
        private readonly JobTally _tally = new(job, pods, indexes);
        private readonly List<V1JobCondition> _conditions = [.. job.Status?.Conditions ?? []];
        private readonly List<JobEvent> _events = [];

        // The deadline is about the time for which a job is active without a break, so it starts again when the job is resumed.
        private readonly DateTime? _startTime = !JobFacts.IsSuspended(job) && (job.Status?.StartTime is null || JobConditions.IsTrue(job, JobConditions.Suspended))
            ? now.UtcDateTime : job.Status?.StartTime;

        private bool IsDeleting => job.Metadata.DeletionTimestamp is not null;

        private TimeSpan? UntilDeadline => job.Spec.ActiveDeadlineSeconds is { } seconds && !JobFacts.IsSuspended(job) && _startTime is { } start
            ? start.AddSeconds(Math.Min(seconds, int.MaxValue)) - now.UtcDateTime : null;

        public JobPlan Plan()
        {
            var outcome = JobOutcome.Of(job) ?? PodFailureRules.Failure(job, pods) ?? JobOutcome.Exhausted(job, _tally.Failed, pods.Restarts, UntilDeadline)
                ?? indexes?.Exhausted() ?? (indexes is null ? null : SuccessRules.Success(job, indexes.Succeeded));
            var size = outcome is not null ? new JobSize([], IsDeleting ? [] : [.. pods.Active.Take(JobSize.Burst)], [], null)
                : IsDeleting ? new JobSize([], [], [], null)
                : JobSize.Of(job, pods, indexes, _tally.Succeeded, now);
            if (outcome is null)
            {
                outcome = IsComplete(size) ? JobOutcome.Completed : null;
                if (outcome is null && !IsDeleting)
                {
                    Suspend();
                }
            }

            var counts = _tally.Count(outcome);
            if (outcome is not null)
            {
                Set(outcome.Interim, true, outcome.Reason, outcome.Message);
                if (pods.Active.Count + pods.Tracked.Count + pods.Adopt.Count + pods.Terminating == 0 && !counts.IsPending)
                {
                    End(outcome, counts);
                }
            }

            var status = Status(size, counts);
            return new JobPlan
            {
                Create = size.Create,
                Delete = size.Delete,
                Untrack = [.. counts.Untrack.Concat(size.Untrack).Take(2 * JobSize.Burst)],
                Adopt = pods.Adopt,
                Release = pods.Release,
                Status = Models.Same(job.Status, status) ? null : status,
                Events = _events,
                RecheckAfter = outcome is null ? Sooner(size.Wait, UntilDeadline) : null,
            };
        }

        // Every completion was reached or, without their number, one pod succeeded and none is left.
        private bool IsComplete(JobSize size) =>
            _tally.Succeeded >= (job.Spec.Completions ?? 1) && pods.Active.Count + size.Create.Count == 0;

        private void Suspend()
        {
            if (JobFacts.IsSuspended(job))
            {
                if (Set(JobConditions.Suspended, true, "JobSuspended", "Job suspended"))
                {
                    _events.Add(new JobEvent("Normal", "Suspended", "Job suspended"));
                }
            }
            else if (Set(JobConditions.Suspended, false, "JobResumed", "Job resumed"))
            {
                _events.Add(new JobEvent("Normal", "Resumed", "Job resumed"));
            }
        }

        private void End(JobOutcome outcome, JobCounts counts)
        {
            Set(outcome.Final, true, outcome.Reason, outcome.Message);
            if (outcome.IsFailure)
            {
                _events.Add(new JobEvent("Warning", outcome.Reason, outcome.Message));
                return;
            }

            if (counts.Succeeded > job.Spec.Completions)
            {
                _events.Add(new JobEvent("Warning", "TooManySucceededPods", "Too many succeeded pods running after completion count reached"));
            }

            _events.Add(new JobEvent("Normal", "Completed", "Job completed"));
        }

        // Pods that the plan deletes are no longer shown as active.
        private V1JobStatus Status(JobSize size, JobCounts counts)
        {
            var staying = size.Delete.Count == 0 ? pods.Active : [.. pods.Active.Except(size.Delete)];
            return new V1JobStatus
            {
                Active = OrNull(staying.Count),
                Ready = staying.Count(p => p.IsReady),
                Succeeded = OrNull(counts.Succeeded),
                Failed = OrNull(counts.Failed),
                Terminating = pods.Terminating,
                UncountedTerminatedPods = new V1UncountedTerminatedPods { Succeeded = OrNull(counts.UncountedSucceeded), Failed = OrNull(counts.UncountedFailed) },
                CompletedIndexes = counts.Completed?.Count > 0 ? counts.Completed.ToString() : null,
                FailedIndexes = indexes?.Failed?.ToString(),
                StartTime = _startTime,
                CompletionTime = _conditions.Find(c => c.Type == JobConditions.Complete && c.Status == "True")?.LastTransitionTime,
                Conditions = _conditions.Count > 0 ? _conditions : null,
            };
        }

        private bool Set(string type, bool isTrue, string reason, string message) =>
            JobConditions.Set(_conditions, JobConditions.Of(type, isTrue, reason, message, now.UtcDateTime));

        // As in Kubernetes, a counter of zero is absent.
        private static int? OrNull(int count) => count > 0 ? count : null;

        private static List<string>? OrNull(IReadOnlyList<string> uids) => uids.Count > 0 ? [.. uids] : null;

        private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;
    }
}
