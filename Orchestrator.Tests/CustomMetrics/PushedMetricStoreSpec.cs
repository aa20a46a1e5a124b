using System.Collections.Immutable;
using Orchestrator.Actors.CustomMetrics;

namespace Orchestrator.Tests.CustomMetrics;

/// <summary>What a control host keeps of the values that clients push.</summary>
public sealed class PushedMetricStoreSpec
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly PushedMetricStore _store = new();

    [Fact]
    public void The_last_value_of_a_series_counts()
    {
        Take(Start, Value("pods", "web-1", 1), Value("pods", "web-2", 2), Value("pods", "web-1", 9, "verb", "GET"));
        Take(Start, Value("pods", "web-1", 3, at: 10));
        Take(Start, Value("pods", "web-1", 7, at: 5));
        Assert.Equal([("web-1", 3), ("web-1", 9), ("web-2", 2)], _store.Find("pods", "default", "rps").Select(v => (v.Name, v.Milli)));
        Assert.Empty(_store.Find("pods", "other", "rps"));
        Assert.Empty(_store.Find("", "default", "rps"));
        Assert.Equal([("pods", "rps")], _store.Names);
    }

    [Fact]
    public void A_value_that_is_not_pushed_again_is_forgotten()
    {
        Take(Start, Value("pods", "web-1", 1), Value("", "", 5));
        Take(Start.AddMinutes(4), Value("pods", "web-2", 2));
        _store.ForgetBefore(Start.AddMinutes(1));
        Assert.Equal(["web-2"], _store.Find("pods", "default", "rps").Select(v => v.Name));
        Assert.Equal([("pods", "rps")], _store.Names);
    }

    [Fact]
    public void There_is_room_for_a_hundred_thousand_values()
    {
        Take(Start, [.. Enumerable.Range(0, 100_001).Select(i => Value("pods", $"web-{i}", 1))]);
        Assert.Equal(100_000, _store.Find("pods", "default", "rps").Count);
        Take(Start, Value("pods", "web-0", 7));
        Assert.Equal(7, _store.Find("pods", "default", "rps").First().Milli);
        _store.ForgetBefore(Start.AddSeconds(1));
        Take(Start, Value("", "", 5));
        Assert.Equal(5, Assert.Single(_store.Find("", "default", "rps")).Milli);
    }

    [Fact]
    public void What_clients_push_has_room_that_pods_cannot_take()
    {
        _store.Take(new PushedMetrics([.. Enumerable.Range(0, 90_001).Select(i => Value("pods", $"web-{i}", 1))]), Start, isScraped: true);
        Assert.Equal(90_000, _store.Find("pods", "default", "rps").Count);
        Take(Start, Value("", "", 5));
        Assert.Equal(5, Assert.Single(_store.Find("", "default", "rps")).Milli);
    }

    private static PushedMetric Value(string resource, string name, long milli, string? label = null, string value = "", int at = 0) => new(resource, "default", name, "rps",
        label is null ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add(label, value), milli, Start.AddSeconds(at), TimeSpan.Zero);

    private void Take(DateTimeOffset now, params ImmutableArray<PushedMetric> values) => _store.Take(new PushedMetrics(values), now);
}
