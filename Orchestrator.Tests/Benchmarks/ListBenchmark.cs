using System.Diagnostics;

namespace Orchestrator.Benchmarks;

internal sealed class ListBenchmark : IBenchmark
{
    private const int Pods = 10_000;

    public string Name => "list";

    public string What => "LIST of 10,000 running pods";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated --simulated-nodes 100", null, cancellation);
        await using (var follower = await PodFollower.StartAsync(host.Api, cancellation))
        {
            run.Tell($"starting {Pods} pods");
            await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("list", Pods), cancellation);
            await follower.WaitAsync(f => f.Ready >= Pods, TimeSpan.FromMinutes(4), cancellation);
        }

        var buffer = new byte[256 * 1024];
        await host.Api.DrainAsync(Samples.Pods, buffer, cancellation);
        await host.Api.DrainAsync(Samples.Pods, buffer, cancellation);
        var bytes = 0L;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            bytes += await host.Api.DrainAsync(Samples.Pods, buffer, cancellation);
        }

        return
        [
            new($"LIST of {Pods:N0} pods, one client", bytes / 1e6 / clock.Elapsed.TotalSeconds, "MB/s", Budget.AtLeast(150)),
            new($"LIST of {Pods:N0} pods, time", clock.Elapsed.TotalMilliseconds / 20, "ms"),
            new("pod's JSON", bytes / 20.0 / Pods, "bytes"),
        ];
    }
}
