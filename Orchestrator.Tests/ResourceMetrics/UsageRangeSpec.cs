using Orchestrator.Actors.ResourceMetrics;

namespace Orchestrator.Tests.ResourceMetrics;

/// <summary>The bounds of a history of usages.</summary>
public sealed class UsageRangeSpec
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);

    [Theory]
    [InlineData(null, null, null, -3600, 0, 60)]
    [InlineData("3h", null, null, -10800, 0, 180)]
    [InlineData("1m", null, null, -60, 0, 15)]
    [InlineData("2h", "1h", "5m", -7200, -3600, 300)]
    [InlineData("2001-09-09T01:45:40Z", "2001-09-09T01:46:00Z", "1s", -60, -40, 1)]
    [InlineData("100s", null, "1500ms", -100, 0, 2)]
    [InlineData("999s", null, "1s", -999, 0, 1)]
    public void A_range_is_read(string? from, string? to, string? step, int begin, int end, int width)
    {
        var (range, errors) = UsageRange.Read(from, to, step, Now);
        Assert.Empty(errors);
        var first = Now.ToUnixTimeSeconds() + begin;
        Assert.Equal(new UsageRange(first - (first % width), Now.ToUnixTimeSeconds() + end, width), range);
        Assert.InRange(range!.Points, 1, 1000);
    }

    [Theory]
    [InlineData("soon", null, null, "from", "use a time such as")]
    [InlineData("1960-01-01T00:00:00Z", null, null, "from", "use a time such as")]
    [InlineData("1h", "1x", null, "to", "use a time such as")]
    [InlineData("1h", "2h", null, "from", "use a time before 2001-09-08T23:46:40Z")]
    [InlineData("1h", "1h", null, "from", "use a time before")]
    [InlineData("1h", null, "0s", "step", "use a duration of 1s or more")]
    [InlineData("1h", null, "-1s", "step", "use a duration of 1s or more")]
    [InlineData("1h", null, "1s", "step", "use 4s or more")]
    public void A_bound_that_is_wrong_is_named(string? from, string? to, string? step, string field, string sentence)
    {
        var (range, errors) = UsageRange.Read(from, to, step, Now);
        Assert.Null(range);
        var error = Assert.Single(errors);
        Assert.Equal(field, error.Field);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_advised_is_accepted()
    {
        Assert.NotNull(UsageRange.Read("1h", null, "4s", Now).Range);
        Assert.Null(UsageRange.Read("1h", null, "3s", Now).Range);
    }

    [Fact]
    public void All_that_is_wrong_is_named() => Assert.Equal(["to", "from", "step"], UsageRange.Read("a", "b", "c", Now).Errors.Select(e => e.Field));

    [Fact]
    public void A_series_has_the_average_of_each_step_and_nothing_where_nothing_was_measured()
    {
        var series = UsageSeries.Of([new(99, 9, 9), new(100, 1_000_000, 10), new(109, 2_000_000, 20), new(125, 5, 1), new(130, 9, 9)], new UsageRange(100, 130, 10));
        Assert.Equal([100L, 110, 120], series.Times.AsEnumerable());
        Assert.Equal([1.5, null, 0.000005], series.Cpu.AsEnumerable());
        Assert.Equal([15360L, null, 1024], series.Memory.AsEnumerable());
    }
}
