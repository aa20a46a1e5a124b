using System.Globalization;
using Orchestrator.Node.Agent.Scraping;

namespace Orchestrator.Tests.Agent.Scraping;

/// <summary>Values of the samples of a pod.</summary>
public sealed class ScrapedRatesSpec
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly ScrapedRates _rates = new();

    [Fact]
    public void A_gauge_is_its_value() => Assert.Equal("queue 1500", Take(0, "queue 1.5"));

    // A sample each 15 s: the growth is that of the last minute.
    [Fact]
    public void A_counter_is_its_growth_per_second_over_a_minute()
    {
        Assert.Equal("", Take(0, "hits_total 100"));
        Assert.Equal("hits 2000", Take(15, "hits_total 130"));
        Assert.Equal("hits 1000", Take(30, "hits_total 130"));
        Assert.Equal("hits 667", Take(45, "hits_total 130"));
        Assert.Equal("hits 500", Take(60, "hits_total 130"));
        Assert.Equal("hits 0", Take(75, "hits_total 130"));
    }

    [Fact]
    public void A_counter_that_begins_anew_has_grown_by_what_it_is()
    {
        Take(0, "hits_total 100");
        Take(10, "hits_total 120");
        Assert.Equal("hits 1250", Take(20, "hits_total 5"));
    }

    [Fact]
    public void A_pod_that_was_not_read_for_long_has_the_growth_since()
    {
        Take(0, "hits_total 100");
        Assert.Equal("hits 100", Take(600, "hits_total 160"));
    }

    [Fact]
    public void A_counter_that_was_gone_begins_anew()
    {
        Take(0, "hits_total 100");
        Take(15, "up 1");
        Assert.Equal("", Take(30, "hits_total 160"));
        Assert.Equal("hits 1000", Take(45, "hits_total 175"));
    }

    [Fact]
    public void Labels_tell_counters_apart()
    {
        Take(0, "hits_total{v=\"a\"} 0\nhits_total{v=\"b\"} 0");
        Assert.Equal("hits{v=a} 1000, hits{v=b} 2000", Take(10, "hits_total{v=\"a\"} 10\nhits_total{v=\"b\"} 20"));
    }

    [Fact]
    public void What_is_no_number_is_left_out() => Assert.Equal("up 1000", Take(0, "a NaN\nb +Inf\nup 1"));

    [Fact]
    public void Huge_values_do_not_overflow() => Assert.Equal("up 1000000000000000000, down -1000000000000000000", Take(0, "up 1e300\ndown -1e300"));

    [Fact]
    public void The_first_of_two_equal_ones_counts() => Assert.Equal("up 1000", Take(0, "up 1\nup 2"));

    [Fact]
    public void A_pod_has_a_hundred_values_of_bounded_length()
    {
        var page = string.Join('\n', Enumerable.Range(0, 101).Select(i => string.Create(CultureInfo.InvariantCulture, $"m{i} 1")));
        var (values, isCut) = _rates.Take(PrometheusText.Read(page), Start);
        Assert.Equal((100, true), (values.Length, isCut));
        Assert.Equal("up 1000", Take(1, $"long{{l=\"{new string('x', 600)}\"}} 1\nup 1"));
    }

    private string Take(int seconds, string page) => string.Join(", ", _rates.Take(PrometheusText.Read(page), Start.AddSeconds(seconds)).Values
        .Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Metric}{(v.Labels.IsEmpty ? "" : $"{{{string.Join(',', v.Labels.Select(l => $"{l.Key}={l.Value}"))}}}")} {v.Milli}")));
}
