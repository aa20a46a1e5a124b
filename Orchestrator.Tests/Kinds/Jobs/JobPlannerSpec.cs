using CsCheck;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Jobs;

public sealed class JobPlannerSpec
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 2, 2)]
    [InlineData(2, 5, 2)]
    [InlineData(5, 0, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(null, 3, 3)]
    [InlineData(10_000, 10_000, 500)]
    public void As_many_pods_run_as_completions_are_left_and_parallelism_allows(int? completions, int parallelism, int created)
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (completions, parallelism));
        var plan = world.Plan();
        Assert.Equal(created, plan.Create.Count);
        Assert.Equal((world.Now.UtcDateTime, null, 0, 0), (plan.Status!.StartTime, plan.Status.Active, plan.Status.Ready, plan.Status.Terminating));
    }

    [Fact]
    public void A_job_whose_pods_succeed_is_complete()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (3, 2));
        world.Settle();
        Assert.Equal((2, 2), (world.Job.Status.Active, world.Job.Status.Ready));
        while (!world.Is("Complete"))
        {
            world.Now += TimeSpan.FromSeconds(1);
            world.Succeed(world.Active.First());
            world.Settle();
        }

        Assert.Equal((null, 3, null, 0), (world.Job.Status.Active, world.Job.Status.Succeeded, world.Job.Status.Failed, world.Job.Status.Ready));
        Assert.Equal(world.Now.UtcDateTime, world.Job.Status.CompletionTime);
        Assert.Equal([new JobEvent("Normal", "Completed", "Job completed")], world.Events);
        Assert.Equal(("SuccessCriteriaMet", "CompletionsReached"), (world.Job.Status.Conditions[0].Type, world.Job.Status.Conditions[0].Reason));
        Assert.Equal(3, world.Pods.Count);
        Assert.All(world.Pods, p => Assert.Null(p.Metadata.Finalizers));
    }

    [Fact]
    public void Without_completions_one_success_lets_the_others_end_and_then_the_job_is_complete()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (null, 3));
        world.Settle();
        world.Succeed(world.Active.First());
        world.Settle();
        Assert.Equal((2, 3, false), (world.Active.Count(), world.Pods.Count, world.Is("Complete")));
        world.Fail(world.Active.First());
        world.Succeed(world.Active.First());
        world.Settle();
        Assert.Equal((true, 2, 1), (world.Is("Complete"), world.Job.Status.Succeeded, world.Job.Status.Failed));
    }

    [Fact]
    public void A_job_of_no_completions_is_complete_at_once()
    {
        var world = new JobWorld(s => s.Completions = 0);
        world.Settle();
        Assert.True(world.Is("Complete"));
        Assert.Empty(world.Pods);
    }

    [Fact]
    public void Failed_pods_are_replaced_after_a_pause_that_doubles_until_six_minutes()
    {
        var world = new JobWorld(s => s.BackoffLimit = 20);
        world.Settle();
        List<double> pauses = [];
        for (var i = 0; i < 8; i++)
        {
            world.Fail(world.Active.Single());
            var pause = world.Settle().RecheckAfter!.Value;
            pauses.Add(pause.TotalSeconds);
            world.Now += pause - TimeSpan.FromSeconds(1);
            Assert.Empty(world.Settle().Create);
            world.Now += TimeSpan.FromSeconds(1);
            world.Settle();
        }

        Assert.Equal([10, 20, 40, 80, 160, 320, 360, 360], pauses);
    }

    [Fact]
    public void A_success_ends_the_pause()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (5, 2));
        world.Settle();
        world.Fail(world.Active.First());
        world.Now += TimeSpan.FromSeconds(1);
        world.Succeed(world.Active.First());
        world.Settle();
        Assert.Equal(2, world.Active.Count());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public void More_failed_pods_than_the_limit_fail_the_job(int limit, int failures)
    {
        var world = new JobWorld(s => s.BackoffLimit = limit);
        for (var i = 0; i < failures; i++)
        {
            world.Now += TimeSpan.FromHours(1);
            world.Settle();
            world.Fail(world.Active.Single());
        }

        world.Settle();
        AssertFailed(world, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        Assert.Equal(failures, world.Job.Status.Failed);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public void More_restarts_in_place_than_the_limit_fail_the_job(int limit, int restarts, bool fails)
    {
        var world = new JobWorld(s => (s.BackoffLimit, s.Template.Spec.RestartPolicy) = (limit, "OnFailure"));
        world.Settle();
        world.Pods[0].Status.ContainerStatuses = [new V1ContainerStatus { Name = "c", RestartCount = restarts }];
        world.Settle();
        world.Terminate();
        world.Settle();
        Assert.Equal(fails, world.Is("Failed"));
    }

    [Fact]
    public void A_job_that_is_active_for_too_long_fails_and_its_pods_are_deleted()
    {
        var world = new JobWorld(s => (s.ActiveDeadlineSeconds, s.Parallelism, s.Completions) = (30, 2, 4));
        world.Settle();
        world.Succeed(world.Active.First());
        Assert.Equal(TimeSpan.FromSeconds(30), world.Settle().RecheckAfter);
        world.Now += TimeSpan.FromSeconds(30);
        world.Settle();
        Assert.True(world.Is("FailureTarget"));
        Assert.False(world.Is("Failed"));
        Assert.Equal((2, null), (world.Job.Status.Terminating, world.Job.Status.Active));
        world.Terminate();
        world.Settle();
        AssertFailed(world, "DeadlineExceeded", "Job was active longer than specified deadline");
        Assert.Equal((1, 2), (world.Job.Status.Succeeded, world.Job.Status.Failed));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("kubernetes.io/job-controller", 1)]
    [InlineData("acme.io/queue", 0)]
    public void The_job_of_another_controller_is_left_alone(string? managedBy, int created)
    {
        var world = new JobWorld(s => s.ManagedBy = managedBy);
        world.Settle();
        Assert.Equal((created, created == 0), (world.Pods.Count, world.Job.Status is null));
    }

    [Fact]
    public void The_longest_deadline_is_none()
    {
        var world = new JobWorld(s => s.ActiveDeadlineSeconds = long.MaxValue);
        Assert.True(world.Settle().RecheckAfter > TimeSpan.FromDays(365));
        Assert.False(world.Is("FailureTarget"));
    }

    [Fact]
    public void A_suspended_job_runs_nothing_and_counts_nothing_as_failed()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism, s.ActiveDeadlineSeconds) = (3, 3, 60));
        world.Settle();
        world.Succeed(world.Active.First());
        world.Job.Spec.Suspend = true;
        world.Settle();
        world.Terminate();
        world.Now += TimeSpan.FromHours(1);
        Assert.Null(world.Settle().RecheckAfter);
        Assert.Equal((1, null, null, true), (world.Job.Status.Succeeded, world.Job.Status.Failed, world.Job.Status.Active, world.Is("Suspended")));
        Assert.Equal(("Suspended", "Job suspended"), (world.Events.Single().Reason, world.Condition("Suspended")!.Message));

        world.Job.Spec.Suspend = false;
        world.Settle();
        Assert.Equal((2, "False", "JobResumed"), (world.Active.Count(), world.Condition("Suspended")!.Status, world.Condition("Suspended")!.Reason));
        Assert.Equal(world.Now.UtcDateTime, world.Job.Status.StartTime);
        Assert.Equal("Resumed", world.Events[^1].Reason);
    }

    [Fact]
    public void A_job_that_is_created_suspended_has_not_started()
    {
        var world = new JobWorld(s => s.Suspend = true);
        world.Settle();
        Assert.Empty(world.Pods);
        Assert.Null(world.Job.Status.StartTime);
    }

    [Fact]
    public void Less_parallelism_deletes_the_pods_with_the_least_progress_and_does_not_count_them()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (9, 3));
        world.Settle();
        world.Pods[1].Status.Phase = "Pending";
        world.Job.Spec.Parallelism = 2;
        world.Settle();
        world.Terminate();
        world.Settle();
        Assert.Equal(["p0", "p2"], world.Pods.Select(p => p.Metadata.Name));
        Assert.Null(world.Job.Status.Failed);
    }

    [Fact]
    public void A_pod_that_somebody_deletes_counts_as_failed_and_is_replaced()
    {
        var world = new JobWorld();
        world.Settle();
        world.Delete(world.Pods[0]);
        world.Settle();
        world.Terminate();
        world.Settle();
        Assert.Equal((1, 1), (world.Job.Status.Failed, world.Active.Count()));
    }

    [Fact]
    public void A_pod_that_terminates_is_not_replaced_if_only_failed_ones_are()
    {
        var world = new JobWorld(s => s.PodReplacementPolicy = "Failed");
        world.Settle();
        world.Delete(world.Pods[0]);
        world.Settle();
        Assert.Equal((null, 1, 1), (world.Job.Status.Failed, world.Job.Status.Terminating, world.Pods.Count));
        world.Terminate();
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal((1, 0, 1), (world.Job.Status.Failed, world.Job.Status.Terminating, world.Active.Count()));
    }

    [Fact]
    public void A_matching_orphan_is_adopted_and_tracked_and_another_pod_is_released()
    {
        var world = new JobWorld();
        var orphan = world.Create(isOrphan: true);
        world.Settle();
        Assert.Equal("job-uid", Assert.Single(orphan.Metadata.OwnerReferences).Uid);
        Assert.NotNull(orphan.Metadata.Finalizers);
        Assert.Single(world.Pods);

        orphan.Metadata.Labels = new Dictionary<string, string>();
        var plan = world.Plan();
        Assert.Equal("p0", Assert.Single(plan.Release).Object.Name);
        Assert.Single(plan.Create);
    }

    [Fact]
    public void The_finalizer_of_a_pod_is_removed_only_when_the_status_tells_of_it()
    {
        var world = new JobWorld(s => s.Completions = 2);
        world.Settle();
        world.Succeed(world.Pods[0]);
        var noted = world.Plan();
        Assert.Empty(noted.Untrack);
        Assert.Equal(["p0"], noted.Status!.UncountedTerminatedPods.Succeeded);
        Assert.Null(noted.Status.Succeeded);
        world.Apply(noted, _ => true);

        var untracked = world.Plan();
        Assert.Equal("p0", Assert.Single(untracked.Untrack).Object.Name);
        world.Apply(untracked, _ => true);
        var counted = world.Plan();
        Assert.Equal((1, null), (counted.Status!.Succeeded, counted.Status.UncountedTerminatedPods.Succeeded));
    }

    [Fact]
    public void A_job_that_is_being_deleted_creates_and_deletes_nothing_and_lets_its_pods_go()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (4, 2));
        world.Settle();
        world.Succeed(world.Pods[0]);
        world.Job.Metadata.DeletionTimestamp = world.Now.UtcDateTime;
        world.Settle();
        Assert.Equal((2, 1), (world.Pods.Count, world.Job.Status.Succeeded));
        Assert.All(world.Pods, p => Assert.True(p.Metadata.Finalizers is null && p.Metadata.DeletionTimestamp is null));
    }

    [Fact]
    public void A_job_that_ended_stays_as_it_is_and_lets_go_of_what_it_still_tracks()
    {
        var world = new JobWorld();
        world.Job.Status = new V1JobStatus { Conditions = [new V1JobCondition { Type = "Failed", Status = "True" }] };
        world.Create();
        var plan = world.Plan();
        Assert.Null(plan.Status);
        Assert.Equal((0, 1), (plan.Create.Count, plan.Untrack.Count));
    }

    [Theory]
    [InlineData(null, 1_000_000, false, null)]
    [InlineData(0, 0, true, null)]
    [InlineData(60, 59, false, 1)]
    [InlineData(60, 60, true, null)]
    public void A_job_that_ended_is_deleted_when_its_time_is_over(int? ttl, int secondsLater, bool isExpired, int? recheckAfter)
    {
        var world = new JobWorld(s => s.TtlSecondsAfterFinished = ttl);
        world.Settle();
        world.Succeed(world.Pods[0]);
        world.Settle();
        world.Now += TimeSpan.FromSeconds(secondsLater);
        var plan = world.Plan();
        Assert.Equal((isExpired, recheckAfter is { } s ? TimeSpan.FromSeconds(s) : null), (plan.IsExpired, plan.RecheckAfter));
        world.Job.Metadata.DeletionTimestamp = world.Now.UtcDateTime;
        Assert.False(world.Plan().IsExpired);
    }

    [Fact]
    public void More_pods_than_a_status_can_note_are_counted_in_turns()
    {
        var world = new JobWorld(s => (s.Completions, s.Parallelism) = (1200, 1200));
        world.Settle();
        foreach (var pod in world.Pods)
        {
            world.Succeed(pod);
        }

        Assert.Equal(JobTally.MaxUncounted, world.Plan().Status!.UncountedTerminatedPods.Succeeded.Count);
        world.Settle();
        Assert.Equal((1200, 1200, true), (world.Pods.Count, world.Job.Status.Succeeded, world.Is("Complete")));
    }

    // An index whose deleted pod succeeded after all, and whose next pod failed, counted twice: the job ended before its last index had a pod.
    [Fact]
    public void What_a_seed_found_is_mended() => Live("Indexed, each index with a limit", (4, 1, 1, false), 345602);

    // Pods end, are deleted and restart in any order, and any command may be lost.
    [Theory]
    [InlineData("NonIndexed")]
    [InlineData("Indexed")]
    [InlineData("Indexed, each index with a limit")]
    public void Whatever_happens_each_pod_counts_once_and_the_job_comes_to_its_end(string mode)
    {
        var limits = Gen.Select(Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[0, 4], Gen.Bool);
        Gen.Select(limits, Gen.Int[0, 1_000_000]).Sample((limit, seed) => Live(mode, limit, seed), iter: 60);
    }

    private static void Live(string mode, (int Completions, int Parallelism, int BackOff, bool OnlyFailed) limit, int seed)
    {
        var (completions, parallelism, backOff, onlyFailed) = limit;
        var random = new Random(seed);
        var world = new JobWorld(s => (s.CompletionMode, s.Completions, s.Parallelism, s.BackoffLimit, s.PodReplacementPolicy) = (mode.Split(',')[0], completions, parallelism, backOff, onlyFailed ? "Failed" : "TerminatingOrFailed"));
        if (mode.Contains(','))
        {
            (world.Job.Spec.BackoffLimit, world.Job.Spec.BackoffLimitPerIndex) = (int.MaxValue, backOff);
        }

        var steps = 0;
        while (JobConditions.End(world.Job) is null)
        {
            Assert.True(steps++ < 2_000, "It does not come to an end.");
            world.Apply(world.Plan(), _ => steps > 300 || random.Next(3) > 0);
            Assert.True(world.Active.Count() <= parallelism, "More pods than allowed are active.");
            world.Now += TimeSpan.FromSeconds(random.Next(100));
            if (world.Pods.Count > 0 && world.Pods[random.Next(world.Pods.Count)] is var pod && !(pod.Status.Phase is "Succeeded" or "Failed"))
            {
                switch (random.Next(5))
                {
                    case 0:
                        world.Fail(pod);
                        break;
                    case 1:
                        world.Delete(pod);
                        break;
                    case 2:
                        world.Job.Spec.Suspend = steps < 200 && random.Next(4) == 0;
                        break;
                    default:
                        world.Succeed(pod);
                        break;
                }
            }

            world.Job.Spec.Suspend &= steps < 200;
            if (random.Next(2) == 0)
            {
                world.Terminate();
            }
        }

        world.Terminate();
        var status = world.Job.Status;
        Assert.Null(status.UncountedTerminatedPods.Succeeded);
        Assert.Null(status.UncountedTerminatedPods.Failed);
        Assert.Equal(world.Is("Complete"), (status.Succeeded ?? 0) >= completions);
        Assert.True((status.Succeeded ?? 0) <= world.Ever.Count(p => p.Status.Phase == "Succeeded"), "More pods than succeeded are counted.");
        Assert.True((status.Succeeded ?? 0) + (status.Failed ?? 0) <= world.Ever.Count(), "More pods than there were are counted.");
        Assert.True(world.Is("Complete") || status.Failed > backOff, $"The job failed after {status.Failed} failures.");
        if (world.Job.Spec.BackoffLimitPerIndex is not null)
        {
            var indexes = CompletionIndexes.Parse(status.FailedIndexes, completions)!;
            Assert.Equal(completions, (status.Succeeded ?? 0) + indexes.Count);
            Assert.All(Enumerable.Range(0, completions).Where(indexes.Contains), i => Assert.True(world.Ever.Count(p => p.Outline().CompletionIndex == i) > backOff, $"Index {i} was given up too early."));
        }

        Assert.Empty(world.Active);
        Assert.False(world.Apply(world.Plan(), _ => true), "A job that ended is left alone.");
    }

    private static void AssertFailed(JobWorld world, string reason, string message)
    {
        var (target, failed) = (world.Condition("FailureTarget"), world.Condition("Failed"));
        Assert.Equal((true, reason, message), (world.Is("FailureTarget"), target!.Reason, target.Message));
        Assert.Equal((true, reason, message), (world.Is("Failed"), failed!.Reason, failed.Message));
        Assert.Null(world.Job.Status.CompletionTime);
        Assert.Equal(new JobEvent("Warning", reason, message), world.Events[^1]);
    }
}
