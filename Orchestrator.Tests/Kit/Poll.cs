using System.Diagnostics;

namespace Orchestrator.Tests.Kit;

/// <summary>Polls a condition with a timeout.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns once the condition holds; throws a <see cref="TimeoutException"/> if it does not in time.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="bound">Timeout.</param>
    /// <param name="what">Describes the condition for the failure message.</param>
    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan bound, Func<string> what)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed >= bound)
            {
                throw new TimeoutException($"Not within {bound.TotalSeconds:0} s: {what()}");
            }

            await Task.Delay(Pause);
        }
    }
}
