using System.Diagnostics;

namespace Orchestrator.Tests.Kit;

/// <summary>Asks until a fact holds, within a bound.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <param name="holds">The fact.</param>
    /// <param name="bound">After this long it has failed.</param>
    /// <param name="what">Names the fact in the message of the failure.</param>
    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan bound, Func<string> what)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < bound, $"Not within {bound.TotalSeconds:0} s: {what()}");
            await Task.Delay(Pause);
        }
    }
}
