namespace Orchestrator.Benchmarks;

/// <summary>Runs benchmarks by name and prints what they measured beside the budgets.</summary>
internal static class Program
{
    private static readonly IReadOnlyList<IBenchmark> All =
    [
        new StartupBenchmark(), new AgeBenchmark(), new IdleBenchmark(), new RequestsBenchmark(), new ListBenchmark(), new WatchBenchmark(), new ResumeBenchmark(), new SlowWatchesBenchmark(),
        new PodsBenchmark(), new WorkloadsBenchmark(), new SchedulingBenchmark(), new DockerBenchmark(), new NodeBenchmark(), new NetBenchmark(), new ServicesBenchmark(), new NamesBenchmark(), new ChurnBenchmark(), new JournalBenchmark(), new GrowthBenchmark(),
    ];

    private static async Task<int> Main(string[] args)
    {
        if (NamesBenchmark.IsServer(args))
        {
            return await NamesBenchmark.ServeAsync(args[1]);
        }

        if (args is [SimulationCommand.Name, ..])
        {
            return SimulationCommand.Run(args);
        }

        var names = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
        var chosen = names.Contains("all") ? All : [.. All.Where(b => names.Contains(b.Name))];
        if (chosen.Count == 0)
        {
            Console.WriteLine("Usage: dotnet run -c Release --project Orchestrator.Tests/Benchmarks -- NAME...|all [--long]\n");
            foreach (var benchmark in All)
            {
                Console.WriteLine($"  {benchmark.Name,-10} {benchmark.What}");
            }

            Console.WriteLine($"  {SimulationCommand.Name,-10} seeds of the simulation, which is no benchmark: [--first N] [--seeds N] [--mutation NAME]");

            return 2;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        var run = new BenchmarkRun(args.Contains("--long"), line => Console.Error.WriteLine($"  {line}"));
        var figures = new List<Figure>();
        var failures = 0;
        foreach (var benchmark in chosen)
        {
            await Console.Error.WriteLineAsync($"{benchmark.Name}: {benchmark.What}");
            try
            {
                figures.AddRange(await benchmark.RunAsync(run, stop.Token));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                failures++;
                break;
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException or InvalidOperationException or IOException or Docker.DotNet.DockerApiException or OperationCanceledException)
            {
                failures++;
                await Console.Error.WriteLineAsync($"{benchmark.Name} failed: {e.Message}");
            }
        }

        Console.Write(FigureTable.Format(figures));
        return failures == 0 ? 0 : 1;
    }
}
