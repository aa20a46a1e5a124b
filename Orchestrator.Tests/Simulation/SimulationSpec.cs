namespace Orchestrator.Tests.Simulation;

/// <summary>The whole control plane on one thread, in simulated time, by seed. See docs/design/simulation.md.</summary>
public sealed class SimulationSpec
{
    private const int Count = 200;
    private const int SeedsPerMutation = 50;

    [Fact]
    public void No_seed_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new Parts());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_jobs_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new WithJobs());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_autoscalers_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new WithAutoscalers());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_stateful_sets_and_daemon_sets_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new WithSets());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_claims_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count / 4, () => new WithClaims());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_priorities_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new WithPriorities());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_cron_jobs_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count / 4, () => new WithCronJobs());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_the_annotations_for_safety_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new WithSafety());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void No_seed_with_accidents_breaks_an_invariant()
    {
        var failed = Seeds.FirstOf(1, Count, () => new WithAccidents());
        Assert.True(failed is null, failed?.Report);
    }

    [Fact]
    public void A_seed_decides_everything()
    {
        var (first, second) = (World.Run(7), World.Run(7));
        Assert.Equal((first.Hash, first.Lines, first.Steps), (second.Hash, second.Lines, second.Steps));
        Assert.NotEqual(first.Hash, World.Run(8).Hash);
        Assert.True(first.Events > 20, $"only {first.Events} events");
    }

    // What seeds found. Each failed before the bug was mended; the name says what was wrong.
    [Theory]
    [InlineData(5, "an agent reported the conditions of its node for ever, because they were stored in another order")]
    [InlineData(26, "a namespace that waited for finalizers of others planned without a pause")]
    [InlineData(253, "a deployment was created while its namespace went, and stayed without one")]
    [InlineData(373, "a gateway whose cache was behind told an agent to remove pods that run")]
    [InlineData(570, "a late message of an earlier gateway started a pod that was deleted")]
    [InlineData(9771, "a node controller and an agent that was back contradicted each other about its pods")]
    public void What_a_seed_found_is_mended(int seed, string what)
    {
        var run = World.Run(seed);
        Assert.True(run.Violation is null, $"{what}: {run.Report}");
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_bug_that_is_put_in_is_found(string mutation, int first, string says)
    {
        var failed = Seeds.FirstOf(first, SeedsPerMutation, () => Parts.Named(mutation), isIt: run => run.Violation?.Contains(says, StringComparison.Ordinal) == true);
        Assert.True(failed is not null, $"{mutation} is not found within {SeedsPerMutation} seeds from {first}");
    }

    /// <summary>Each mutation, the first of the seeds that find it, and a part of what the simulation says then.</summary>
    public static TheoryData<string, int, string> Mutations => new()
    {
        { nameof(PlansFromStaleCache), 1, "were ever wanted" },
        { nameof(AnswersBeforeStored), 1, "the journal does not have it" },
        { nameof(BindsTwice), 51, "moves from" },
        { nameof(OverwritesUnseen), 51, "hides another" },
        { nameof(ResumesOneTooEarly), 1, "comes next" },
        { nameof(WritesEveryTime), 1, "makes the same plan" },
        { nameof(WakesNoReplicaSet), 1, "does not converge" },
        { nameof(ConfirmsTooEarly), 1, "is deleted and runs on" },
        { nameof(StartsWhatRuns), 1, "although it runs" },
        { nameof(ForgetsBoundPods), 351, "is still being deleted" },
        { nameof(LosesEvents), 1, "comes next" },
        { nameof(UntracksTooEarly), 1, "did succeed" },
        { nameof(StopsAtTheFirstPod), 1, "pods and has" },
        { nameof(ScalesTooFar), 1, "replicas and d" },
        { nameof(StartsAtOnce), 1, "although it waits" },
        { nameof(SparesVictims), 1, "has room for it" },
        { nameof(ForgetsTimes), 1, "for the second time" },
        { nameof(LeavesContainersBehind), 1, "in a sandbox that is gone" },
    };
}
