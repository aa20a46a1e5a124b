using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>When a command that was refused or not answered is decided again: after a delay that doubles with each failure in a row. Pure.</summary>
/// <param name="First">The delay after the first failure.</param>
/// <param name="Longest">The longest delay.</param>
public sealed record RetryPolicy(TimeSpan First, TimeSpan Longest)
{
    /// <summary>After 1, 2, 4, 8, 10, 10 … s.</summary>
    public static readonly RetryPolicy Default = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    /// <summary>Whether there is something left to decide after an error: not if the object is gone.</summary>
    public static bool IsWorthRepeating(ApiError error) => error.Reason is not ApiReason.NotFound;

    /// <summary>Whether the command was decided from an outdated view: the object is gone, exists already, or changed meanwhile. Sent again it is refused
    /// again; decided again from a newer view it is not.</summary>
    public static bool IsStale(ApiError error) => error.Reason is ApiReason.NotFound or ApiReason.Conflict or ApiReason.AlreadyExists;

    /// <summary>How long to wait after a number of failures in a row, at least one.</summary>
    public TimeSpan Delay(int failures) =>
        failures > 1 && Longest / Math.Pow(2, failures - 1) < First ? Longest : First * Math.Pow(2, failures - 1);
}
