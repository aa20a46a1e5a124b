using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Cli.Commands;

/// <summary>Parses and formats durations as Go does.</summary>
internal static partial class Durations
{
    public static TimeSpan? Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        var match = Pattern().Match(text);
        if (!match.Success || text.Length == 0)
        {
            return null;
        }

        var total = 0.0;
        for (var i = 0; i < match.Groups["n"].Captures.Count; i++)
        {
            var amount = double.Parse(match.Groups["n"].Captures[i].Value, CultureInfo.InvariantCulture);
            total += match.Groups["u"].Captures[i].Value switch
            {
                "h" => amount * 3600,
                "m" => amount * 60,
                "s" => amount,
                _ => amount / 1000,
            };
        }

        return total <= int.MaxValue ? TimeSpan.FromSeconds(total) : null;
    }

    public static string Text(TimeSpan time) => time switch
    {
        { TotalMinutes: >= 1 } when time.Seconds == 0 => $"{time.TotalMinutes:0}m",
        _ => $"{time.TotalSeconds:0.#}s",
    };

    [GeneratedRegex("^(?:(?<n>[0-9]+(?:\\.[0-9]+)?)(?<u>ms|h|m|s))+\\z")]
    private static partial Regex Pattern();
}
