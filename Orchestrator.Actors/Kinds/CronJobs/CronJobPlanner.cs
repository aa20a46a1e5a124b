using System.Globalization;
using k8s.Models;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>Decides which job of a cron job is due (Kubernetes: <c>syncCronJob</c>). Level-triggered: what was started is read from the jobs, whose names and
/// annotations tell the time for which they were made, so a job is neither forgotten nor made twice.</summary>
internal static class CronJobPlanner
{
    /// <summary>More missed times than this are reported.</summary>
    public const int ManyMissed = 100;

    /// <param name="cron">The cron job.</param>
    /// <param name="jobs">The jobs that it controls.</param>
    /// <param name="exists">Whether there is a job of this name, whoever controls it.</param>
    /// <param name="now">Current time.</param>
    public static CronJobPlan Plan(V1CronJob cron, IReadOnlyList<V1Job> jobs, Func<string, bool> exists, DateTimeOffset now)
    {
        var pass = new Pass(cron, jobs, now);
        pass.Observe();
        if (cron.Metadata.DeletionTimestamp is null)
        {
            if (cron.Spec.Suspend != true)
            {
                pass.Start(exists);
            }

            pass.CleanUp();
        }

        return pass.Result();
    }

    private sealed class Pass(V1CronJob cron, IReadOnlyList<V1Job> jobs, DateTimeOffset now)
    {
        private readonly List<CronJobEvent> _events = [];
        private readonly List<CronJobEvent> _findings = [];
        private readonly List<V1Job> _delete = [];
        private List<V1ObjectReference> _active = [];
        private DateTime? _lastSchedule = cron.Status?.LastScheduleTime;
        private DateTime? _lastSuccess = cron.Status?.LastSuccessfulTime;
        private V1Job? _create;
        private TimeSpan? _recheckAfter;

        // What became of the jobs.
        public void Observe()
        {
            var known = (cron.Status?.Active ?? []).Where(r => r?.Uid is not null).DistinctBy(r => r.Uid).ToDictionary(r => r.Uid);
            foreach (var job in jobs.OrderBy(ScheduledJobs.TimeOf).ThenBy(j => j.Metadata.Name, StringComparer.Ordinal))
            {
                var isKnown = known.Remove(job.Metadata.Uid, out var reference);
                var time = ScheduledJobs.TimeOf(job);
                if (time is { } at && !(at <= _lastSchedule))
                {
                    _lastSchedule = at;
                }

                if (JobConditions.End(job) is { } end)
                {
                    if (isKnown)
                    {
                        _events.Add(new CronJobEvent("Normal", "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {end.Type}"));
                    }

                    if (job.Status.CompletionTime is { } completed && !(completed <= _lastSuccess))
                    {
                        _lastSuccess = completed;
                    }
                }
                else if (isKnown || (time is not null && job.Metadata.DeletionTimestamp is null))
                {
                    _active.Add(reference ?? ScheduledJobs.ReferenceTo(job));
                }
                else if (job.Metadata.DeletionTimestamp is null)
                {
                    _findings.Add(new CronJobEvent("Warning", "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}", job.Metadata.Uid));
                }
            }

            _events.AddRange(known.Values.Select(r => new CronJobEvent("Normal", "MissingJob", $"Active job went missing: {r.Name}")));
        }

        // The newest time that was missed, unless it is too late or another job forbids it.
        public void Start(Func<string, bool> exists)
        {
            if (Schedule() is not { } schedule)
            {
                return;
            }

            var since = (_lastSchedule ?? cron.Metadata.CreationTimestamp) is { } start ? new DateTimeOffset(start, TimeSpan.Zero) : now;
            var deadline = cron.Spec.StartingDeadlineSeconds is { } seconds ? now.AddSeconds(-Math.Min(seconds, int.MaxValue)) : (DateTimeOffset?)null;
            var missed = schedule.Last(since, now);
            _recheckAfter = schedule.Next(missed ?? since) - now;
            if (missed is not { } due)
            {
                return;
            }

            var of = due.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            if (due < deadline)
            {
                _findings.Add(new CronJobEvent("Warning", "MissSchedule", $"Missed scheduled time to start a job: {due.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000", of));
                return;
            }

            if (schedule.HasMoreThan(ManyMissed, deadline > since ? deadline.Value : since, now))
            {
                _findings.Add(new CronJobEvent("Warning", "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew", of));
            }

            var name = ScheduledJobs.NameOf(cron, due);
            if (exists(name))
            {
                return; // Somebody else's job, or one of this cron job from an earlier life.
            }

            if (_active.Count > 0 && cron.Spec.ConcurrencyPolicy == "Forbid")
            {
                _findings.Add(new CronJobEvent("Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid", of));
                return;
            }

            if (cron.Spec.ConcurrencyPolicy == "Replace")
            {
                var replaced = _active.Select(r => r.Uid).ToHashSet();
                _delete.AddRange(jobs.Where(j => replaced.Contains(j.Metadata.Uid) && j.Metadata.DeletionTimestamp is null));
                _active = [];
            }

            _create = ScheduledJobs.NewJob(cron, due);
        }

        // Of the jobs that ended, the newest ones are kept.
        public void CleanUp()
        {
            Keep(JobConditions.Complete, cron.Spec.SuccessfulJobsHistoryLimit);
            Keep(JobConditions.Failed, cron.Spec.FailedJobsHistoryLimit);
        }

        public CronJobPlan Result()
        {
            var status = new V1CronJobStatus { Active = _active.Count > 0 ? _active : null, LastScheduleTime = _lastSchedule, LastSuccessfulTime = _lastSuccess };
            return new CronJobPlan
            {
                Create = _create,
                Delete = _delete,
                Status = Models.Same(cron.Status ?? new V1CronJobStatus(), status) ? null : status,
                Events = _events,
                Findings = _findings,
                RecheckAfter = _recheckAfter,
            };
        }

        private void Keep(string end, int? limit)
        {
            if (limit is null)
            {
                return;
            }

            // While the status does not tell of its time, a job is the only sign that it was made: without it, it would be made again.
            var ended = jobs.Where(j => j.Metadata.DeletionTimestamp is null && JobConditions.End(j)?.Type == end && !(ScheduledJobs.TimeOf(j) > (cron.Status?.LastScheduleTime ?? DateTime.MinValue)))
                .OrderBy(j => j.Status.StartTime).ThenBy(j => j.Metadata.Name, StringComparer.Ordinal).ToList();
            _delete.AddRange(ended.Take(Math.Max(0, ended.Count - limit.Value)));
        }

        // Admission refuses others, so it is only invalid if the host's time zones changed.
        private CronSchedule? Schedule()
        {
            try
            {
                return CronSchedule.Parse(cron.Spec.Schedule, TimeZones.Of(cron.Spec.TimeZone));
            }
            catch (FormatException e)
            {
                _findings.Add(new CronJobEvent("Warning", "InvalidSchedule", $"invalid schedule: {cron.Spec.Schedule} : {e.Message}"));
                return null;
            }
        }
    }
}
