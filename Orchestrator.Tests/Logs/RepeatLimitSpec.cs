using Orchestrator.Actors.Logs;

namespace Orchestrator.Tests.Logs;

/// <summary>What is told of things that repeat.</summary>
public sealed class RepeatLimitSpec
{
    private static readonly TimeSpan Gap = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void It_remembers_a_limited_number_and_tells_what_it_forgot_as_new()
    {
        var limit = new RepeatLimit(capacity: 2);
        Assert.Equal(1, limit.Take("a", "r", 1, Gap, Start));
        Assert.Equal(1, limit.Take("b", "r", 1, Gap, Start));
        Assert.Equal(0, limit.Take("a", "r", 1, Gap, Start));
        Assert.Equal(1, limit.Take("c", "r", 1, Gap, Start));
        Assert.Equal(1, limit.Take("a", "r", 1, Gap, Start));
    }

    [Fact]
    public void What_is_over_is_forgotten_first()
    {
        var limit = new RepeatLimit(capacity: 2);
        limit.Take("old", "r", 1, Gap, Start);
        limit.Take("new", "r", 1, Gap, Start + Gap / 2);
        limit.Take("newer", "r", 1, Gap, Start + Gap);
        Assert.Equal(0, limit.Take("new", "r", 1, Gap, Start + Gap));
    }
}
