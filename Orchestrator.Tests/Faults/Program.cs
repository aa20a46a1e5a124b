using Orchestrator.Tests.Faults.Cluster;
using Orchestrator.Tests.Faults.Injection;

namespace Orchestrator.Tests.Faults;

/// <summary>Injects faults into real hosts under load and checks that every promise is kept. Exit codes: 0, 1 for violations, 2 for wrong options.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        FaultOptions options;
        try
        {
            options = FaultOptions.Parse(args);
        }
        catch (FormatException e)
        {
            Console.WriteLine($"""
                {e.Message}
                Usage: dotnet run -c Release --project Orchestrator.Tests/Faults -- [--hosts 1|3] [--minutes N] [--faults NAME,...] [--seed N] [--keep]
                Faults: {string.Join(", ", AllFaults.Create().Select(f => f.Name))}; those that fit, unless told.
                """);
            return 2;
        }

        if (Apart.IsPossible && !Apart.IsHere)
        {
            return await Apart.RunAsync(args);
        }

        if (Apart.IsHere)
        {
            await Apart.PrepareAsync();
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        var (evidence, checks) = await new FaultRun(options, Console.Out).RunAsync(stop.Token);
        Console.Write(Report.Of(evidence, checks));
        return checks.All(c => c.Violations.Count == 0) ? 0 : 1;
    }
}
