using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

/// <summary>How often a pod is reported.</summary>
public class ReportPaceSpec
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_small_pod_reports_its_start_without_a_pause_and_then_once_a_second()
    {
        var pace = new ReportPace();
        Assert.All(Enumerable.Range(0, ReportPace.Burst), _ => Assert.Equal(TimeSpan.Zero, pace.Take(0, Begin)));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take(0, Begin));
        Assert.Equal(TimeSpan.FromSeconds(0.5), pace.Take(0, Begin.AddSeconds(0.5)));
        Assert.Equal(TimeSpan.Zero, pace.Take(0, Begin.AddSeconds(1)));
        Assert.All(Enumerable.Range(0, ReportPace.Burst), _ => Assert.Equal(TimeSpan.Zero, pace.Take(0, Begin.AddHours(1))));
        Assert.NotEqual(TimeSpan.Zero, pace.Take(0, Begin.AddHours(1)));
    }

    // 5,000 containers that start one after the other want to be reported 5,000 times, with 1.5 MB each at the end.
    [Fact]
    public void A_pod_of_many_containers_is_reported_seldom_whatever_happens_in_it()
    {
        var pace = new ReportPace();
        var (now, reports) = (Begin, 0);
        for (var started = 0; started < 5_000; started++)
        {
            now += TimeSpan.FromMilliseconds(8);
            reports += pace.Take(5_000, now) == TimeSpan.Zero ? 1 : 0;
        }

        Assert.InRange(reports, 1, 4);
        var wait = pace.Take(5_000, now);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.Zero, pace.Take(5_000, now + wait));
    }
}
