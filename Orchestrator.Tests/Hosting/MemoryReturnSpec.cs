using Orchestrator.Node.Hosting;

namespace Orchestrator.Tests.Hosting;

public class MemoryReturnSpec
{
    private const long Little = MemoryUse.Quiet / 10;
    private const long Much = 4 * MemoryUse.Quiet;

    [Theory]
    [InlineData(Little, 300, true)] // grown and quiet
    [InlineData(Much, 300, false)] // still busy
    [InlineData(Little, 164, false)] // not grown by enough
    [InlineData(Little, 165, true)]
    [InlineData(Little, 90, false)]
    public void Memory_is_returned_when_the_host_has_grown_and_is_quiet(long allocated, int residentMb, bool isDue) =>
        Assert.Equal(isDue, new MemoryUse(1_000, Mb(100)).Next(1_000 + allocated, Mb(residentMb)).IsDue);

    [Fact]
    public void What_could_not_be_returned_is_not_tried_again_and_growth_counts_from_the_smallest()
    {
        var use = new MemoryUse(0, Mb(500)); // After a return.
        (use, var isDue) = use.Next(1, Mb(520));
        Assert.False(isDue);
        (use, isDue) = use.Next(2, Mb(200));
        Assert.False(isDue);
        (_, isDue) = use.Next(3, Mb(270));
        Assert.True(isDue);
    }

    private static long Mb(int value) => (long)value << 20;
}
