using Orchestrator.Actors.ResourceMetrics;

namespace Orchestrator.Tests.ResourceMetrics;

/// <summary>What a control host keeps of the reports of agents.</summary>
public sealed class ResourceMetricsStoreSpec
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly ResourceMetricsStore _store = new();

    [Fact]
    public void The_last_report_counts()
    {
        _store.Take(Report("n", 0, "u1", "u2"), Start);
        _store.Take(Report("n", 15, "u1", "u2"), Start);
        Assert.Equal(Used(15), _store.Node("n"));
        Assert.Equal(Used(15), _store.Pod("u1")!.Total());
        Assert.Null(_store.Node("other"));
        Assert.Null(_store.Pod("other"));
    }

    [Fact]
    public void A_pod_that_its_node_does_not_name_any_more_has_no_metrics()
    {
        _store.Take(Report("n", 0, "u1", "u2"), Start);
        _store.Take(Report("m", 0, "u3"), Start);
        _store.Take(Report("n", 15, "u2"), Start);
        Assert.Null(_store.Pod("u1"));
        Assert.Empty(_store.PodHistory("u1"));
        Assert.NotNull(_store.Pod("u2"));
        Assert.NotNull(_store.Pod("u3"));
    }

    [Fact]
    public void A_node_that_is_silent_loses_its_metrics_and_those_of_its_pods()
    {
        _store.Take(Report("n", 0, "u1"), Start);
        _store.Take(Report("m", 0, "u2"), Start.AddSeconds(50));
        _store.ForgetBefore(Start.AddSeconds(40));
        Assert.Equal((null, null), (_store.Node("n"), _store.Pod("u1")));
        Assert.NotNull(_store.Node("m"));
        Assert.NotNull(_store.Pod("u2"));
        _store.Take(Report("n", 60, "u1"), Start.AddSeconds(60));
        Assert.NotNull(_store.Pod("u1"));
    }

    [Fact]
    public void The_total_of_a_pod_is_of_the_time_that_is_known_of_all_its_containers()
    {
        var pod = new PodUsage("u", [new("a", Used(15) with { CpuNanocores = 3, MemoryBytes = 5 }), new("b", Used(12) with { CpuNanocores = 4, MemoryBytes = 6, Window = TimeSpan.FromSeconds(12) })]);
        Assert.Equal(new ResourceUsage(Start.AddSeconds(12), TimeSpan.FromSeconds(12), 7, 11), pod.Total());
    }

    [Fact]
    public void The_history_is_the_last_three_hours()
    {
        for (var i = 0; i < 1000; i++)
        {
            _store.Take(Report("n", i * 15, "u1"), Start);
        }

        var points = _store.PodHistory("u1");
        Assert.Equal(720, points.Length);
        Assert.Equal(Seconds(280 * 15), points[0].Seconds);
        Assert.Equal(new UsagePoint(Seconds(999 * 15), 200_000, 64 << 10), points[^1]);
        Assert.Equal(720, _store.NodeHistory("n").Length);
    }

    [Fact]
    public void The_history_of_very_many_pods_is_shorter()
    {
        string[] pods = [.. Enumerable.Range(0, 20_000).Select(i => $"u{i}")];
        for (var i = 0; i < 200; i++)
        {
            _store.Take(Report("n", i * 15, pods), Start);
        }

        Assert.Equal((32 << 20) / 2 / 12 / 20_001, _store.PodHistory("u7").Length);
    }

    private static uint Seconds(int after) => (uint)Start.AddSeconds(after).ToUnixTimeSeconds();

    private static ResourceUsage Used(int at) => new(Start.AddSeconds(at), TimeSpan.FromSeconds(15), 200_000_000, 64 << 20);

    private static NodeUsage Report(string node, int at, params IEnumerable<string> pods) =>
        new(node, Used(at), [.. pods.Select(uid => new PodUsage(uid, [new ContainerUsage("main", Used(at))]))]);
}
