namespace Orchestrator.Benchmarks;

internal sealed class IdleBenchmark : IBenchmark
{
    public string Name => "idle";

    public string What => "memory and CPU of a host without work, over 60 s (10 min with --long)";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated", null, cancellation);
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
        var span = run.IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(60);
        var before = host.Cpu;
        await Task.Delay(span, cancellation);
        var cpu = host.Cpu - before;
        return
        [
            new("idle RSS", host.RssMb, "MB", Budget.AtMost(200)),
            new($"idle CPU over {span.TotalSeconds:0} s", 100 * cpu / span, "% of a core", Budget.AtMost(1)),
        ];
    }
}
