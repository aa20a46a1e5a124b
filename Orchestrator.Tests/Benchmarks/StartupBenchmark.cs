namespace Orchestrator.Benchmarks;

internal sealed class StartupBenchmark : IBenchmark
{
    private const int Objects = 100_000;
    private static readonly TimeSpan FillBound = TimeSpan.FromMinutes(6);

    public string Name => "startup";

    public string What => "process start to /readyz, with an empty journal and with 100,000 objects";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        List<double> empty = [];
        for (var i = 0; i < 3; i++)
        {
            await using var fresh = await HostProcess.StartAsync("--runtime simulated", null, cancellation);
            empty.Add(fresh.ReadyAfter.TotalSeconds);
        }

        var directory = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        try
        {
            Load fill;
            await using (var host = await HostProcess.StartAsync("--runtime simulated", directory, cancellation))
            {
                run.Tell($"creating {Objects} objects");
                fill = await Load.RunAsync(64, Objects, FillBound, (i, c) => host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap($"fill-{i}"), c), cancellation);
            }

            await using var again = await HostProcess.StartAsync("--runtime simulated", directory, cancellation);
            return
            [
                new("start to ready, empty journal (median of 3)", empty.Order().ElementAt(1), "s", Budget.AtMost(2)),
                new($"start to ready, {fill.Requests:N0} objects", again.ReadyAfter.TotalSeconds, "s", fill.Requests == Objects ? Budget.AtMost(15) : null),
                new($"RSS after start, {fill.Requests:N0} objects", again.RssMb, "MB"),
                new($"POST of 1 KB, 64 clients, over {fill.Requests:N0} objects", fill.Rate, "/s"),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
