namespace Orchestrator.Benchmarks;

internal sealed class RequestsBenchmark : IBenchmark
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    public string Name => "requests";

    public string What => "latency and rate of POST and GET of a 1 KB object; the load generator shares the machine's cores";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated", null, cancellation);
        Task Post(string prefix, int i, CancellationToken c) => host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap($"{prefix}-{i}"), c);
        Task Get(int i, CancellationToken c) => host.Api.GetAsync($"{Samples.ConfigMaps}/warm-{i % 1000}", c);
        run.Tell("warming up");
        await Load.RunAsync(64, 10_000, Bound, (i, c) => Post("warm", i, c), cancellation);
        await Load.RunAsync(16, 10_000, Bound, Get, cancellation);
        run.Tell("POST");
        var one = await Load.RunAsync(1, 2_000, Bound, (i, c) => Post("one", i, c), cancellation);
        var before = host.Cpu;
        var many = await Load.RunAsync(64, 30_000, Bound, (i, c) => Post("many", i, c), cancellation);
        var cpuPost = (host.Cpu - before).TotalMicroseconds / many.Requests;
        run.Tell("GET");
        var single = await Load.RunAsync(1, 5_000, Bound, Get, cancellation);
        before = host.Cpu;
        var reads = await Load.RunAsync(16, 60_000, Bound, Get, cancellation);
        var cpuGet = (host.Cpu - before).TotalMicroseconds / reads.Requests;
        return
        [
            new("POST 1 KB, one client, p50", one.Percentile(0.5), "ms", Budget.AtMost(1)),
            new("POST 1 KB, one client, p99", one.Percentile(0.99), "ms"),
            new("POST 1 KB, 64 clients", many.Rate, "/s", Budget.AtLeast(8_000)),
            new("POST 1 KB, 64 clients, host's CPU", cpuPost, "µs each"),
            new("GET 1 KB, one client, p50", single.Percentile(0.5), "ms", Budget.AtMost(0.3)),
            new("GET 1 KB, one client, p99", single.Percentile(0.99), "ms"),
            new("GET 1 KB, 16 clients", reads.Rate, "/s", Budget.AtLeast(20_000)),
            new("GET 1 KB, 16 clients, host's CPU", cpuGet, "µs each"),
        ];
    }
}
