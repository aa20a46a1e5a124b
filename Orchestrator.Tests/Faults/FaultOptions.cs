using System.Globalization;

namespace Orchestrator.Tests.Faults;

/// <summary>What a run is asked to do.</summary>
internal sealed record FaultOptions
{
    /// <summary>1: on SQLite; 3: on PostgreSQL.</summary>
    public int Hosts { get; init; } = 1;

    /// <summary>How long faults are injected; the end takes a minute or two more.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Names of the faults; empty for all that fit.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Chooses the moments, targets and requests.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether the folder with the logs and journals of the hosts is kept.</summary>
    public bool Keeps { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <param name="args">Pairs of a name and a value; --keep has none.</param>
    /// <exception cref="FormatException">A name or value that is not known.</exception>
    public static FaultOptions Parse(IReadOnlyList<string> args)
    {
        var options = new FaultOptions();
        for (var i = 0; i < args.Count; i++)
        {
            string Value() => ++i < args.Count ? args[i] : throw new FormatException($"{args[i - 1]} needs a value");
            options = args[i] switch
            {
                "--hosts" => options with { Hosts = Value() switch { "1" => 1, "3" => 3, var other => throw new FormatException($"--hosts: {other} must be 1 or 3") } },
                "--minutes" => options with { Time = Minutes(Value()) },
                "--faults" => options with { Faults = Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                "--seed" => options with { Seed = int.TryParse(Value(), CultureInfo.InvariantCulture, out var seed) ? seed : throw new FormatException($"--seed: {args[i]} must be a whole number") },
                "--keep" => options with { Keeps = true },
                var other => throw new FormatException($"{other} is no option"),
            };
        }

        return options;
    }

    private static TimeSpan Minutes(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 24 * 60
        ? TimeSpan.FromMinutes(minutes)
        : throw new FormatException($"--minutes: {text} must be a number up to 1440");
}
