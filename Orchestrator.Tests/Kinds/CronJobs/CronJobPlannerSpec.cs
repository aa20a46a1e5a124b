using CsCheck;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.Jobs;
using k8s.Models;
using Orchestrator.Tests.Conformance;

namespace Orchestrator.Tests.Kinds.CronJobs;

public sealed class CronJobPlannerSpec
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly V1CronJob _cron = new()
    {
        Metadata = new V1ObjectMeta { Name = "tick", Uid = "cron-uid", NamespaceProperty = "default", CreationTimestamp = Noon.UtcDateTime },
        Spec = new V1CronJobSpec
        {
            Schedule = "* * * * *",
            ConcurrencyPolicy = "Allow",
            SuccessfulJobsHistoryLimit = 3,
            FailedJobsHistoryLimit = 1,
            JobTemplate = new V1JobTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "tick" } },
                Spec = new V1JobSpec { Template = new V1PodTemplateSpec { Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "c", Image = "i" }] } } },
            },
        },
    };

    private readonly List<V1Job> _jobs = [];
    private DateTimeOffset _now = Noon;

    [Fact]
    public void A_job_is_made_when_it_is_due_and_once()
    {
        Assert.Equal((null, TimeSpan.FromSeconds(60)), (Plan().Create, Plan().RecheckAfter));
        _now += TimeSpan.FromSeconds(61);
        var plan = Plan();
        Assert.Equal($"tick-{Noon.AddMinutes(1).ToUnixTimeSeconds() / 60}", plan.Create!.Metadata.Name);
        Assert.Equal(TimeSpan.FromSeconds(59), plan.RecheckAfter);
        Assert.Equal("2026-01-01T12:01:00Z", plan.Create.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.Equal(("tick", "cron-uid", "CronJob"), (plan.Create.Metadata.Labels["app"], plan.Create.Metadata.OwnerReferences[0].Uid, plan.Create.Metadata.OwnerReferences[0].Kind));

        Apply(plan);
        plan = Plan();
        Assert.Null(plan.Create);
        Assert.Equal((1, Noon.AddMinutes(1).UtcDateTime), (plan.Status!.Active.Count, plan.Status.LastScheduleTime));
        Apply(plan);
        Assert.Equal((null, null), (Plan().Create, Plan().Status));
    }

    [Fact]
    public void A_job_that_ends_at_once_is_kept_until_its_time_is_remembered()
    {
        _cron.Spec.SuccessfulJobsHistoryLimit = 0;
        _now += TimeSpan.FromSeconds(61);
        var created = Plan();
        Apply(created);
        End(_jobs[0], "Complete");
        var seen = Plan();
        Assert.Empty(seen.Delete);
        Apply(seen);
        var deleted = Plan();
        Assert.Single(deleted.Delete);
        Apply(deleted);
        Assert.Null(Plan().Create);
    }

    [Fact]
    public void The_time_of_a_job_is_told_in_the_time_zone()
    {
        (_cron.Spec.Schedule, _cron.Spec.TimeZone) = ("0 8 * * *", "America/New_York");
        _now += TimeSpan.FromHours(1.5);
        Assert.Equal("2026-01-01T08:00:00-05:00", Plan().Create!.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
    }

    [Fact]
    public void Of_missed_times_only_the_newest_is_made_up_for()
    {
        _now += TimeSpan.FromMinutes(100.5);
        var plan = Plan();
        Assert.Equal("2026-01-01T13:40:00Z", plan.Create!.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.Empty(plan.Findings);
        Settle();
        Assert.Single(_jobs);
    }

    [Fact]
    public void More_than_a_hundred_missed_times_are_told()
    {
        _now += TimeSpan.FromMinutes(101);
        var plan = Plan();
        Assert.NotNull(plan.Create);
        Assert.Equal(("Warning", "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"),
            (plan.Findings[0].Type, plan.Findings[0].Reason, plan.Findings[0].Message));
        _cron.Spec.StartingDeadlineSeconds = 600;
        Assert.Empty(Plan().Findings);
    }

    [Theory]
    [InlineData(30, 29, true)]
    [InlineData(30, 30, true)]
    [InlineData(30, 31, false)]
    public void A_job_that_is_too_late_is_not_made(int deadline, int late, bool isMade)
    {
        (_cron.Spec.Schedule, _cron.Spec.StartingDeadlineSeconds) = ("0 * * * *", deadline);
        _now += TimeSpan.FromHours(1) + TimeSpan.FromSeconds(late);
        var plan = Plan();
        Assert.Equal(isMade, plan.Create is not null);
        Assert.Equal(isMade ? [] : ["Missed scheduled time to start a job: Thu, 01 Jan 2026 13:00:00 +0000"], plan.Findings.Where(f => f.Reason == "MissSchedule").Select(f => f.Message));
    }

    [Fact]
    public void Jobs_run_side_by_side_if_they_may()
    {
        Minutes(3);
        Assert.Equal((3, 3), (_jobs.Count, _cron.Status.Active.Count));
    }

    [Fact]
    public void A_job_that_runs_forbids_the_next_one_which_is_made_up_for_when_it_ends()
    {
        _cron.Spec.ConcurrencyPolicy = "Forbid";
        Minutes(3);
        Assert.Single(_jobs);
        var finding = Assert.Single(Plan().Findings);
        Assert.Equal(("Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid"), (finding.Type, finding.Reason, finding.Message));
        End(_jobs[0], "Complete");
        Settle();
        Assert.Equal((2, 1), (_jobs.Count, _cron.Status.Active.Count));
        Assert.Equal(Noon.AddMinutes(3).UtcDateTime, _cron.Status.LastScheduleTime);
    }

    [Fact]
    public void A_job_that_runs_is_replaced_by_the_next_one()
    {
        _cron.Spec.ConcurrencyPolicy = "Replace";
        Minutes(3);
        Assert.Equal(["2026-01-01T12:03:00Z"], _jobs.Select(j => j.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]));
        Assert.Equal(_jobs[0].Metadata.Uid, Assert.Single(_cron.Status.Active).Uid);
    }

    [Fact]
    [Conformance("CronJob should not schedule jobs when suspended")]
    public void A_suspended_cron_job_starts_nothing_and_makes_up_for_the_newest_when_it_is_resumed()
    {
        _cron.Spec.Suspend = true;
        Minutes(3);
        Assert.Empty(_jobs);
        Assert.Null(Plan().RecheckAfter);
        _cron.Spec.Suspend = false;
        Settle();
        Assert.Single(_jobs);
    }

    [Fact]
    public void A_cron_job_that_is_being_deleted_starts_nothing()
    {
        _cron.Metadata.DeletionTimestamp = _now.UtcDateTime;
        Minutes(2);
        Assert.Empty(_jobs);
    }

    [Fact]
    public void What_ended_is_seen_and_the_newest_are_kept()
    {
        List<string> events = [];
        for (var i = 0; i < 10; i++)
        {
            events.AddRange(Minutes(1));
            End(_jobs[^1], i % 2 == 0 ? "Complete" : "Failed");
            events.AddRange(Settle());
        }

        Assert.Equal((4, null), (_jobs.Count, _cron.Status.Active));
        Assert.Equal(["Complete", "Complete", "Complete", "Failed"], _jobs.Select(j => JobConditions.End(j)!.Type).Order());
        Assert.Equal(Noon.AddMinutes(9).UtcDateTime, _cron.Status.LastSuccessfulTime);
        Assert.Equal(10, events.Count);
        Assert.StartsWith("SawCompletedJob: Saw completed job: tick-", events[0], StringComparison.Ordinal);
        Assert.EndsWith(", condition: Complete", events[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_somebody_deletes_goes_missing_and_is_not_made_again()
    {
        Minutes(1);
        _jobs.Clear();
        Assert.StartsWith("MissingJob: Active job went missing: tick-", Assert.Single(Settle()), StringComparison.Ordinal);
        Assert.Empty(_jobs);
        Assert.Null(_cron.Status.Active);
    }

    [Theory]
    [InlineData("Forbid", 0)]
    [InlineData("Replace", 1)]
    public void A_job_that_is_being_deleted_still_forbids_the_next_one_and_is_not_deleted_again(string policy, int made)
    {
        _cron.Spec.ConcurrencyPolicy = policy;
        Minutes(1);
        _jobs[0].Metadata.DeletionTimestamp = _now.UtcDateTime;
        _now += TimeSpan.FromMinutes(1);
        var plan = Plan();
        Assert.Empty(plan.Delete);
        Assert.Equal(made, plan.Create is null ? 0 : 1);
        Apply(plan);
        Assert.Equal(1, Plan().Status?.Active.Count ?? _cron.Status.Active.Count);
    }

    [Fact]
    public void A_status_that_somebody_spoiled_is_mended()
    {
        Minutes(1);
        _cron.Status.Active = [_cron.Status.Active[0], _cron.Status.Active[0], new V1ObjectReference { Name = "no uid" }];
        Assert.Single(Plan().Status!.Active);
    }

    [Fact]
    public void A_job_that_was_made_by_hand_is_told_and_not_counted_as_active()
    {
        _jobs.Add(new V1Job { Metadata = new V1ObjectMeta { Name = "once", Uid = "once" } });
        var plan = Plan();
        Assert.Null(plan.Status);
        Assert.Equal(("UnexpectedJob", "Saw a job that the controller did not create or forgot: once"), (plan.Findings[0].Reason, plan.Findings[0].Message));
    }

    [Fact]
    public void The_job_of_somebody_else_with_the_name_is_left_alone()
    {
        _now += TimeSpan.FromMinutes(1);
        Assert.Null(CronJobPlanner.Plan(_cron, [], name => name == $"tick-{_now.ToUnixTimeSeconds() / 60}", _now).Create);
    }

    [Fact]
    public void However_late_and_often_it_looks_each_time_has_at_most_one_job_and_the_newest_has_one()
    {
        var policies = Gen.Int[0, 2].Select(i => new[] { "Allow", "Forbid", "Replace" }[i]);
        Gen.Select(policies, Gen.Int[0, 1_000_000]).Sample((policy, seed) =>
        {
            var random = new Random(seed);
            var spec = new CronJobPlannerSpec();
            spec._cron.Spec.ConcurrencyPolicy = policy;
            HashSet<string> made = [];
            for (var i = 0; i < 60; i++)
            {
                spec._now += TimeSpan.FromSeconds(random.Next(90));
                foreach (var job in spec._jobs.Where(_ => random.Next(3) == 0))
                {
                    spec.End(job, random.Next(2) == 0 ? "Complete" : "Failed");
                }

                for (var turn = 0; turn < 5; turn++)
                {
                    var plan = spec.Plan();
                    Assert.True(plan.Create is null || made.Add(plan.Create.Metadata.Name), "A time has two jobs.");
                    spec.Apply(plan);
                }

                var last = spec.Plan();
                Assert.Equal((null, null, 0, 0), (last.Create, last.Status, last.Delete.Count, last.Events.Count));
                Assert.True(policy == "Allow" || spec._jobs.Count(j => JobConditions.End(j) is null) <= 1, "Two jobs run.");
                Assert.True(spec._jobs.Count(j => JobConditions.End(j) is not null) <= 4, "Too many that ended are kept.");
            }
        }, iter: 50);
    }

    private CronJobPlan Plan() => CronJobPlanner.Plan(_cron, _jobs, name => _jobs.Any(j => j.Metadata.Name == name), _now);

    private List<string> Minutes(int count)
    {
        List<string> events = [];
        for (var i = 0; i < count; i++)
        {
            _now += TimeSpan.FromMinutes(1);
            events.AddRange(Settle());
        }

        return events;
    }

    private List<string> Settle()
    {
        List<string> events = [];
        for (var plan = Plan(); plan.Create is not null || plan.Status is not null || plan.Delete.Count > 0; plan = Plan())
        {
            events.AddRange(plan.Events.Select(e => $"{e.Reason}: {e.Message}"));
            Apply(plan);
        }

        return events;
    }

    private void Apply(CronJobPlan plan)
    {
        _jobs.RemoveAll(plan.Delete.Contains);
        if (plan.Create is { } created)
        {
            created.Metadata.Uid = created.Metadata.Name;
            created.Status = new V1JobStatus { StartTime = _now.UtcDateTime };
            _jobs.Add(created);
        }

        _cron.Status = plan.Status ?? _cron.Status;
    }

    private void End(V1Job job, string end) => job.Status = JobConditions.End(job) is not null ? job.Status : new V1JobStatus
    {
        StartTime = job.Status?.StartTime,
        CompletionTime = end == "Complete" ? _now.UtcDateTime : null,
        Conditions = [new V1JobCondition { Type = end, Status = "True" }],
    };
}
