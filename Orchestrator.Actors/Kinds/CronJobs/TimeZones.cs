using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>Time zones by their names in the IANA database of the host.</summary>
internal static partial class TimeZones
{
    /// <summary>Returns a time zone. A cron job without one is due by UTC, so that all hosts agree.</summary>
    /// <exception cref="FormatException">There is no zone of this name.</exception>
    public static TimeZoneInfo Of(string? name) => name switch
    {
        null => TimeZoneInfo.Utc,
        "" => throw new FormatException("must be nil or non-empty string"),
        _ when name.Equals("Local", StringComparison.OrdinalIgnoreCase) => throw new FormatException("must be an explicit time zone as defined in https://www.iana.org/time-zones"),
        _ => name.Split('/').All(part => Part().IsMatch(part)) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : throw new FormatException($"unknown time zone {name}"),
    };

    [GeneratedRegex(@"^(?!\.{1,2}\z)[A-Za-z0-9._+][A-Za-z0-9._+-]{0,13}\z")]
    private static partial Regex Part();
}
