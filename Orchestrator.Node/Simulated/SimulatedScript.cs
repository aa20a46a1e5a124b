using System.Globalization;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Simulated;

/// <summary>The behaviour of a simulated container. Of a shell command it interprets <c>echo</c>, <c>sleep</c>, <c>exit</c> and <c>trap "exit CODE" TERM</c>; a program named
/// <c>does-not-exist</c> cannot be started; anything else runs forever.</summary>
/// <param name="RunsFor">Time until the container exits; null if it runs forever.</param>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Output">Output.</param>
/// <param name="WhyNot">Why it cannot be started; null if it can.</param>
/// <param name="StopCode">Exit code if it is stopped in time.</param>
internal sealed record SimulatedScript(TimeSpan? RunsFor, int ExitCode, string Output, string? WhyNot = null, int StopCode = 143)
{
    private const string Missing = "does-not-exist";

    public static SimulatedScript Parse(IReadOnlyList<string> command)
    {
        if (command is [var program, ..] && program.EndsWith(Missing, StringComparison.Ordinal))
        {
            return Refused(127, $"{program}: no such file or directory");
        }

        if (command is not [.., "-c", var line])
        {
            return new SimulatedScript(null, 0, "");
        }

        var span = TimeSpan.Zero;
        var output = "";
        var stopCode = 143;
        foreach (var part in line.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (part.Split(' ', 2))
            {
                case ["echo", var text]:
                    output += text.Trim('"', '\'') + "\n";
                    break;
                case ["sleep", var seconds] when PlainNumber.Read(seconds) is { } s and <= Seconds.Most:
                    span += TimeSpan.FromSeconds(s);
                    break;
                case ["trap", var trap] when trap.Split(' ', '"', '\'') is [_, "exit", var code, .., "TERM"] && int.TryParse(code, CultureInfo.InvariantCulture, out var c):
                    stopCode = c;
                    break;
                case ["exit", var code] when int.TryParse(code, CultureInfo.InvariantCulture, out var c):
                    return new SimulatedScript(span, c, output, StopCode: stopCode);
                default:
                    return new SimulatedScript(null, 0, output, StopCode: stopCode);
            }
        }

        return new SimulatedScript(span, 0, output, StopCode: stopCode);
    }

    /// <summary>A container that cannot be started.</summary>
    public static SimulatedScript Refused(int exitCode, string why) => new(TimeSpan.Zero, exitCode, "", why);
}
