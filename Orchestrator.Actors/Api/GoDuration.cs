using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Api;

/// <summary>Durations as Go writes them, such as <c>1h30m</c>.</summary>
internal static partial class GoDuration
{
    /// <summary>Parses a duration without a sign; null if the text is none.</summary>
    public static TimeSpan? Read(string text)
    {
        if (!Whole().IsMatch(text))
        {
            return null;
        }

        var seconds = Units().Matches(text).Sum(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)
            * m.Groups[2].Value switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, _ => 1e-9 });
        return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }

    [GeneratedRegex(@"^(([0-9]+\.?[0-9]*|\.[0-9]+)(h|ms|m|s|us|µs|ns))+\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+\.?[0-9]*|\.[0-9]+)(h|ms|m|s|us|µs|ns)")]
    private static partial Regex Units();
}
