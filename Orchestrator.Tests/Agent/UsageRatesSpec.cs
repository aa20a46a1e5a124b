using System.Collections.Immutable;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Agent;

/// <summary>From counters to usages.</summary>
public sealed class UsageRatesSpec
{
    private const long Second = 1_000_000_000;
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(15);
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Cpu_is_the_rate_of_two_samples_and_memory_the_last() =>
        Assert.Equal(new ResourceUsage(Start.AddSeconds(35), TimeSpan.FromSeconds(15), 200_000_000, 70),
            Container(At(20, cpu: 4 * Second, memory: 50), At(35, cpu: 7 * Second, memory: 70)));

    [Theory]
    [InlineData(14, 14)]
    [InlineData(10, 10)]
    public void A_container_that_started_after_the_last_sample_is_measured_from_its_start(int age, int window) =>
        Assert.Equal(new ResourceUsage(Start.AddSeconds(age), TimeSpan.FromSeconds(window), Second / 2, 1), Container(null, At(age, age * Second / 2, 1)));

    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(9999)]
    public void One_that_is_too_new_or_that_an_agent_that_starts_finds_has_no_usage_yet(int age) => Assert.Null(Container(null, At(age, age * Second / 2, 1)));

    [Fact]
    public void A_counter_that_went_back_has_no_rate() => Assert.Null(Container(At(20, cpu: 7 * Second, memory: 1), At(35, cpu: 6 * Second, memory: 1)));

    [Fact]
    public void Two_samples_of_one_moment_have_no_rate() => Assert.Null(Container(At(20, 1, 1), At(20, 1, 1)));

    [Fact]
    public void Another_attempt_of_a_container_is_not_compared_with_the_one_before()
    {
        var (before, now) = (At(20, 9 * Second, 1), At(35, 10 * Second, 1));
        var report = UsageRates.Report("n", Stats(before, new ContainerStats("u", "a", "a-0", before)), Stats(now, new ContainerStats("u", "a", "a-1", now)), Resolution);
        Assert.Empty(report.Pods);
    }

    [Fact]
    public void A_report_has_the_host_and_the_containers_of_each_pod_by_name()
    {
        var (before, now) = (At(20, 0, 1), At(35, 15 * Second, 1));
        ContainerStats[] containers = [new("u1", "b", "1", before), new("u2", "c", "2", before), new("u1", "a", "3", before)];
        var report = UsageRates.Report("n", Stats(before, [.. containers]), Stats(now, [.. containers.Select(c => c with { Counters = now })]), Resolution);
        Assert.Equal(new ResourceUsage(now.At, TimeSpan.FromSeconds(15), Second, 1), report.Host);
        Assert.Equal([("u1", "a,b"), ("u2", "c")], report.Pods.Select(p => (p.Uid, string.Join(',', p.Containers.Select(c => c.Name)))).Order());
        Assert.Null(UsageRates.Report("n", null, Stats(now), Resolution).Host);
    }

    private static ResourceUsage? Container(ResourceCounters? before, ResourceCounters now) =>
        UsageRates.Report("n", before is { } b ? Stats(b, new ContainerStats("u", "a", "1", b)) : null, Stats(now, new ContainerStats("u", "a", "1", now)), Resolution)
            .Pods.SingleOrDefault()?.Containers.Single().Usage;

    private static ResourceCounters At(int seconds, long cpu, long memory) => new(Start.AddSeconds(seconds), Start, cpu, memory);

    private static RuntimeStats Stats(ResourceCounters host, params ImmutableArray<ContainerStats> containers) => new(host, containers);
}
