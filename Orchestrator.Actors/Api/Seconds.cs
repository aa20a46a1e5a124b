namespace Orchestrator.Actors.Api;

/// <summary>Times that objects and requests say as a number of seconds, which may be any number. Those that nobody can mean become the longest that can be reckoned with.</summary>
internal static class Seconds
{
    /// <summary>The most that is added to a date: 68 years.</summary>
    public const int Most = int.MaxValue;

    // The runtime has no longer timers than 2^32 ms.
    private const int LongestWait = int.MaxValue / 1000;

    /// <summary>The date so many seconds after another, or before it.</summary>
    public static DateTimeOffset After(DateTimeOffset begin, long seconds) => begin.AddSeconds(Math.Clamp(seconds, -Most, Most));

    /// <summary>A time that somebody waits: from 0 to 24 days.</summary>
    public static TimeSpan Wait(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestWait));
}
