using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>Delay before a new decision after a command failed; doubles with each consecutive failure. Pure.</summary>
/// <param name="First">Delay after the first failure.</param>
/// <param name="Longest">Maximum delay.</param>
public sealed record RetryPolicy(TimeSpan First, TimeSpan Longest)
{
    /// <summary>1, 2, 4, 8, then 10 s.</summary>
    public static readonly RetryPolicy Default = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    /// <summary>Whether to decide again after an error. False if the object no longer exists.</summary>
    public static bool IsWorthRepeating(ApiError error) => error.Reason is not ApiReason.NotFound;

    /// <summary>Whether the command was based on a stale view: the object was deleted, exists already, or has changed. The same command would
    /// fail again; a new decision from a newer view may succeed.</summary>
    public static bool IsStale(ApiError error) => error.Reason is ApiReason.NotFound or ApiReason.Conflict or ApiReason.AlreadyExists;

    /// <summary>Returns the delay after a number of consecutive failures (at least 1).</summary>
    public TimeSpan Delay(int failures) =>
        failures > 1 && Longest / Math.Pow(2, failures - 1) < First ? Longest : First * Math.Pow(2, failures - 1);
}
