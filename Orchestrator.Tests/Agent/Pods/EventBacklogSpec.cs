using Orchestrator.Actors.Journal;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

public sealed class EventBacklogSpec
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RecordedEvent Unhealthy = new("Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "kubelet");
    private readonly EventBacklog _backlog = new();

    [Fact]
    public void A_probe_that_fails_every_ten_seconds_is_written_six_times_in_its_first_hour_and_twice_an_hour_after_that()
    {
        var rows = Fail(TimeSpan.FromHours(2));
        Assert.Equal([0, 1, 3, 7, 15, 31, 61, 91], rows.Select(r => r.Minute));
        Assert.Equal([1, 6, 12, 24, 48, 96, 180, 180], rows.Select(r => r.Count));
    }

    [Fact]
    public void What_was_quiet_for_an_hour_is_new_again()
    {
        Fail(TimeSpan.FromHours(1));
        _backlog.Take(Start.AddHours(1));
        var later = Start + TimeSpan.FromHours(1) + EventBacklog.Quiet + TimeSpan.FromSeconds(1);
        _backlog.Add(Unhealthy, later);
        Assert.True(_backlog.DueAt <= later);
    }

    [Fact]
    public void What_waits_goes_along_when_something_is_written_anyway()
    {
        _backlog.Add(Unhealthy, Start);
        _backlog.Take(Start);
        _backlog.Add(Unhealthy, Start.AddSeconds(10));
        Assert.Equal(Start + EventBacklog.FirstGap, _backlog.DueAt);
        Assert.Equal(Unhealthy, Assert.Single(_backlog.Take(Start.AddSeconds(11))));
        Assert.Null(_backlog.DueAt);
    }

    [Fact]
    public void What_was_not_written_is_due_again_with_what_came_since()
    {
        _backlog.Add(Unhealthy, Start);
        _backlog.Take(Start);
        _backlog.Add(Unhealthy, Start.AddSeconds(10));
        _backlog.GiveBack();
        Assert.True(_backlog.DueAt <= Start.AddSeconds(10));
        Assert.Equal(Unhealthy with { Count = 2 }, Assert.Single(_backlog.Take(Start.AddSeconds(10))));
        _backlog.Settle();
        _backlog.GiveBack();
        Assert.Null(_backlog.DueAt);
    }

    [Fact]
    public void Warnings_of_one_reason_that_differ_each_time_are_counted_together_from_the_eleventh()
    {
        for (var i = 0; i < 100; i++)
        {
            _backlog.Add(Unhealthy with { Message = $"Readiness probe failed: request {i}" }, Start.AddSeconds(i));
        }

        var taken = _backlog.Take(Start.AddSeconds(100));
        Assert.Equal(EventBacklog.MaxSimilar + 1, taken.Length);
        Assert.Equal(("(combined from similar events): Readiness probe failed: request 10", 90), (taken[^1].Message, taken[^1].Count));
    }

    [Fact]
    public void Events_of_the_normal_course_stay_apart_and_in_order()
    {
        var recordedEvents = Enumerable.Range(0, 20).Select(i => new RecordedEvent("Normal", "Started", $"Started container c{i}", "kubelet")).ToList();
        recordedEvents.ForEach(n => _backlog.Add(n, Start));
        Assert.Equal(recordedEvents, _backlog.Take(Start));
    }

    private List<(double Minute, int Count)> Fail(TimeSpan span)
    {
        var rows = new List<(double, int)>();
        for (var now = Start; now < Start + span; now += TimeSpan.FromSeconds(10))
        {
            _backlog.Add(Unhealthy, now);
            if (_backlog.DueAt <= now)
            {
                rows.Add(((now - Start).TotalMinutes, Assert.Single(_backlog.Take(now)).Count));
                _backlog.Settle();
            }
        }

        return rows;
    }
}
