namespace Orchestrator.Benchmarks;

/// <summary>What a host costs that has nothing to do: empty, and with pods that the slow pass looks at again and again.</summary>
internal sealed class IdleBenchmark : IBenchmark
{
    private const int Pods = 10_000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    public string Name => "idle";

    public string What => "memory and CPU of a host without work, empty and with 10,000 pods, over 60 s each (10 min with --long)";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var span = run.IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(60);
        List<Figure> figures = [];
        await using (var host = await HostProcess.StartAsync("--runtime simulated", null, cancellation))
        {
            await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
            figures.AddRange(await RestAsync("idle", host, span, (Budget.AtMost(200), Budget.AtMost(1)), cancellation));
        }

        await using var full = await HostProcess.StartAsync("--runtime simulated --simulated-nodes 100", null, cancellation);
        await using (var follower = await PodFollower.StartAsync(full.Api, cancellation))
        {
            run.Tell($"starting {Pods:N0} pods");
            await full.Api.PostAsync(Samples.Deployments, Samples.Deployment("rest", Pods), cancellation);
            await follower.WaitAsync(f => f.Ready >= Pods, TimeSpan.FromMinutes(4), cancellation);
        }

        await Task.Delay(Settle, cancellation);
        figures.AddRange(await RestAsync($"idle with {Pods:N0} pods", full, span, (null, null), cancellation));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> RestAsync(string name, HostProcess host, TimeSpan span, (Budget? Rss, Budget? Cpu) budget, CancellationToken cancellation)
    {
        var before = host.Cpu;
        await Task.Delay(span, cancellation);
        var cpu = host.Cpu - before;
        return
        [
            new($"{name}: RSS", host.RssMb, "MB", budget.Rss),
            new($"{name}: CPU over {span.TotalSeconds:0} s", 100 * cpu / span, "% of a core", budget.Cpu),
        ];
    }
}
