using System.Diagnostics;
using System.Globalization;
using Orchestrator.Tests.Simulation;

namespace Orchestrator.Benchmarks;

/// <summary>Runs seeds of the simulation (docs/design/simulation.md): <c>simulation [--first N] [--seeds N] [--mutation NAME]</c>, or kills each controller after every event:
/// <c>simulation --kills</c>.</summary>
internal static class SimulationCommand
{
    /// <summary>The first argument that asks for it.</summary>
    public const string Name = "simulation";

    private const int ReportEvery = 1_000;

    /// <summary>Runs the seeds and prints the first violation.</summary>
    /// <returns>The exit code: 0 if every invariant held.</returns>
    public static int Run(string[] args)
    {
        if (args.Contains("--kills"))
        {
            return Kill();
        }

        var (first, count) = (Number("--first", 1), Number("--seeds", 1_000));
        var mutation = Text("--mutation");
        var (ran, events, clock) = (0, 0L, Stopwatch.StartNew());
        var failed = Seeds.FirstOf(first, count, () => mutation is null ? new Parts() : Parts.Named(mutation), run =>
        {
            Interlocked.Add(ref events, run.Events);
            if (Interlocked.Increment(ref ran) is var done && done % ReportEvery == 0)
            {
                Console.Error.WriteLine($"  {done} seeds");
            }
        });
        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ran} seeds from {first}, {events} events, {seconds:0.0} s, {ran / seconds:0} seeds/s"));
        Console.WriteLine(failed?.Report ?? "No invariant was violated.");
        return failed is null ? 0 : 1;

        string? Text(string option) => Array.IndexOf(args, option) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;

        int Number(string option, int otherwise) => Text(option) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    private static int Kill()
    {
        foreach (var name in Scenario.Scripts.Keys)
        {
            var (wrong, kills) = Scenario.Sweep(name, int.MaxValue);
            if (wrong is not null)
            {
                Console.WriteLine(wrong);
                return 1;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: killed {kills} times, the end is always the same"));
        }

        return 0;
    }
}
