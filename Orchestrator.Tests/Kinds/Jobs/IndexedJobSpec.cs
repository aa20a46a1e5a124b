using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Jobs;

public sealed class IndexedJobSpec
{
    [Fact]
    public void Each_index_has_a_pod_that_knows_it()
    {
        var world = Indexed(3, 2);
        world.Settle();
        Assert.Equal([0, 1], world.Active.Select(p => p.Outline().CompletionIndex!.Value));
        var pod = world.ActiveAt(1);
        Assert.Equal(("1", "1", "work-1"), (pod.Metadata.Annotations["batch.kubernetes.io/job-completion-index"], pod.Metadata.Labels["batch.kubernetes.io/job-completion-index"], pod.Spec.Hostname));
        var variable = Assert.Single(pod.Spec.Containers[0].Env);
        Assert.Equal(("JOB_COMPLETION_INDEX", "metadata.labels['batch.kubernetes.io/job-completion-index']"), (variable.Name, variable.ValueFrom.FieldRef.FieldPath));
        Assert.Equal("work-1-x", JobTemplate.NewPods(world.Job, [new NewPod(1, 0, 0)], NoObjects.Instance, () => "x").Single().Key.Name);
    }

    [Fact]
    public void A_long_name_is_cut_before_the_index()
    {
        var world = Indexed(200, 1);
        world.Job.Metadata.Name = new string('a', 60);
        Assert.Equal($"{new string('a', 53)}-123-abcde", JobTemplate.NewPods(world.Job, [new NewPod(123, 0, 0)], NoObjects.Instance, () => "abcde").Single().Key.Name);
        Assert.Equal($"{new string('a', 57)}-abcde", JobTemplate.NewPods(world.Job, [default], NoObjects.Instance, () => "abcde").Single().Key.Name);
    }

    [Fact]
    public void The_job_is_complete_when_every_index_is()
    {
        var world = Indexed(4, 4);
        world.Settle();
        world.Succeed(world.ActiveAt(3));
        world.Succeed(world.ActiveAt(0));
        world.Succeed(world.ActiveAt(1));
        world.Settle();
        Assert.Equal(("0,1,3", 3, null), (world.Job.Status.CompletedIndexes, world.Job.Status.Succeeded, world.Job.Status.FailedIndexes));
        world.Succeed(world.ActiveAt(2));
        world.Settle();
        Assert.Equal(("0-3", 4, true), (world.Job.Status.CompletedIndexes, world.Job.Status.Succeeded, world.Is("Complete")));
    }

    [Fact]
    public void The_finalizer_of_a_pod_is_removed_only_when_the_status_has_its_index()
    {
        var world = Indexed(2, 1);
        world.Settle();
        world.Succeed(world.Pods[0]);
        var plan = world.Plan();
        Assert.Equal(("0", 1), (plan.Status!.CompletedIndexes, plan.Status.Succeeded));
        Assert.Empty(plan.Untrack);
        world.Apply(plan, _ => true);
        Assert.Single(world.Plan().Untrack);
    }

    [Fact]
    public void A_failed_index_is_tried_again()
    {
        var world = Indexed(3, 3);
        world.Settle();
        world.Fail(world.ActiveAt(1));
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal([0, 2, 1], world.Active.Select(p => p.Outline().CompletionIndex!.Value));
        Assert.Equal(1, world.Job.Status.Failed);
    }

    [Fact]
    public void Of_two_pods_with_an_index_and_of_pods_without_one_only_one_stays()
    {
        var world = Indexed(2, 2);
        world.Settle();
        world.Create(new NewPod(1, 0, 0)).Status.Phase = "Pending";
        world.Create(new NewPod(7, 0, 0));
        world.Settle();
        world.Terminate();
        world.Settle();
        Assert.Equal(["p0", "p1"], world.Pods.Select(p => p.Metadata.Name));
        Assert.Null(world.Job.Status.Failed);
    }

    [Fact]
    public void A_job_that_shrinks_forgets_the_indexes_beyond()
    {
        var world = Indexed(4, 4);
        world.Settle();
        world.Succeed(world.ActiveAt(3));
        world.Succeed(world.ActiveAt(0));
        world.Settle();
        (world.Job.Spec.Completions, world.Job.Spec.Parallelism) = (2, 2);
        world.Settle();
        world.Terminate();
        world.Settle();
        Assert.Equal(("0", 1), (world.Job.Status.CompletedIndexes, world.Job.Status.Succeeded));
        Assert.Equal([1], world.Active.Select(p => p.Outline().CompletionIndex!.Value));
    }

    [Fact]
    public void An_index_with_a_limit_of_its_own_fails_alone()
    {
        var world = PerIndex(3, 1);
        for (var i = 0; i < 2; i++)
        {
            world.Settle();
            world.Fail(world.ActiveAt(1));
            world.Now += TimeSpan.FromMinutes(10);
        }

        world.Settle();
        Assert.Equal(("1", null), (world.Job.Status.FailedIndexes, world.Job.Status.CompletedIndexes));
        Assert.Equal([0, 2], world.Active.Select(p => p.Outline().CompletionIndex!.Value));
        world.Succeed(world.ActiveAt(0));
        world.Succeed(world.ActiveAt(2));
        world.Settle();
        Assert.Equal(("0,2", true, "FailedIndexes", "Job has failed indexes"),
            (world.Job.Status.CompletedIndexes, world.Is("Failed"), world.Condition("Failed")!.Reason, world.Condition("Failed")!.Message));
        Assert.Equal((2, 2), (world.Job.Status.Succeeded, world.Job.Status.Failed));
    }

    [Fact]
    public void An_index_waits_after_its_own_failures_and_its_pods_hand_the_number_on()
    {
        var world = PerIndex(2, 5);
        world.Settle();
        List<double> pauses = [];
        for (var i = 0; i < 3; i++)
        {
            world.Fail(world.ActiveAt(1));
            var plan = world.Settle();
            pauses.Add(plan.RecheckAfter!.Value.TotalSeconds);
            Assert.NotNull(world.Pods[^1].Metadata.Finalizers);
            world.Now += plan.RecheckAfter.Value;
            world.Settle();
            Assert.Equal(i + 1, world.ActiveAt(1).Outline().IndexFailures);
        }

        Assert.Equal([10, 20, 40], pauses);
        Assert.Equal((3, 4), (world.Job.Status.Failed, world.Pods.Count(p => p.Outline().CompletionIndex == 1)));
        Assert.Equal("", world.Job.Status.FailedIndexes);
    }

    [Fact]
    public void Too_many_failed_indexes_fail_the_job()
    {
        var world = PerIndex(5, 0, maxFailed: 1);
        world.Settle();
        world.Fail(world.ActiveAt(4));
        world.Settle();
        Assert.False(world.Is("FailureTarget"));
        world.Fail(world.ActiveAt(2));
        world.Settle();
        world.Terminate();
        world.Settle();
        Assert.Equal(("2,4", "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"),
            (world.Job.Status.FailedIndexes, world.Condition("Failed")!.Reason, world.Condition("Failed")!.Message));
        Assert.Equal(5, world.Job.Status.Failed);
    }

    [Fact]
    public void An_index_whose_pod_terminates_waits_if_only_failed_pods_are_replaced()
    {
        var world = Indexed(2, 2);
        world.Job.Spec.PodReplacementPolicy = "Failed";
        world.Settle();
        world.Delete(world.ActiveAt(0));
        world.Settle();
        Assert.Equal([1], world.Active.Select(p => p.Outline().CompletionIndex!.Value));
        world.Terminate();
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.Equal([1, 0], world.Active.Select(p => p.Outline().CompletionIndex!.Value));
    }

    private static JobWorld Indexed(int completions, int parallelism, Action<V1JobSpec>? change = null) => new(s =>
    {
        (s.CompletionMode, s.Completions, s.Parallelism) = ("Indexed", completions, parallelism);
        change?.Invoke(s);
    });

    private static JobWorld PerIndex(int completions, int limit, int? maxFailed = null) => Indexed(completions, completions, s =>
        (s.BackoffLimit, s.BackoffLimitPerIndex, s.MaxFailedIndexes) = (int.MaxValue, limit, maxFailed));
}
