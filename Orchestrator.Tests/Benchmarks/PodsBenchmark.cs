using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks;

internal sealed class PodsBenchmark : IBenchmark
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    public string Name => "pods";

    public string What => "pods created, placed and ready on simulated nodes; scale-down; rolling update (5,000 nodes and 100,000 pods too with --long)";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        List<Figure> figures = [];
        figures.AddRange(await ScaleAsync(run, 100, 1_000, isUpdated: true, cancellation));
        figures.AddRange(await ScaleAsync(run, 1_000, 10_000, isUpdated: false, cancellation));
        if (run.IsLong)
        {
            figures.AddRange(await ScaleAsync(run, 5_000, 100_000, isUpdated: false, cancellation));
        }

        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> ScaleAsync(BenchmarkRun run, int nodes, int pods, bool isUpdated, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync($"--runtime simulated --simulated-nodes {nodes}", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        var what = $"{pods:N0} pods on {nodes:N0} nodes";

        // The first pods also pay for the compiler.
        await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("warm", 300), cancellation);
        await follower.WaitAsync(f => f.Ready >= 300, Bound, cancellation);
        await host.Api.DeleteAsync($"{Samples.Deployments}/warm", cancellation);
        await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);

        run.Tell($"{what}: up (ready after {host.ReadyAfter.TotalSeconds:0.0} s)");
        var (cpu, rss) = (host.Cpu, host.RssMb);
        var update = "\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":\"25%\",\"maxUnavailable\":\"25%\"}},";
        var up = follower.WaitAsync(f => f.Ready >= pods, Bound, cancellation);
        await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("up", pods, strategy: update), cancellation);
        var taken = await up;
        List<Figure> figures =
        [
            new($"{what}: created, placed, ready", pods / taken.TotalSeconds, "/s", Budget.AtLeast(3_000)),
            new($"{what}: host's CPU per pod", (host.Cpu - cpu).TotalMicroseconds / pods, "µs", Budget.AtMost(600)),
            new($"{what}: RSS per pod", (host.RssMb - rss) * 1024 / pods, "KB", Budget.AtMost(10)),
        ];
        if (isUpdated)
        {
            run.Tell($"{what}: rolling update");
            const string image = "orchestrator/sample:2";
            var rolled = follower.WaitAsync(f => f.Count == pods && f.ReadyWith(image) == pods, Bound, cancellation);
            var template = new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["v"] = "2" } },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = image }) },
            };
            await host.Api.PatchAsync($"{Samples.Deployments}/up", new JsonObject { ["spec"] = new JsonObject { ["template"] = template } }, cancellation);
            figures.Add(new($"{what}: rolling update", pods / (await rolled).TotalSeconds, "/s", Budget.AtLeast(1_500)));
        }

        run.Tell($"{what}: down");
        var down = follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
        await host.Api.PatchAsync($"{Samples.Deployments}/up", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 0 } }, cancellation);
        figures.Add(new($"{what}: scale-down", pods / (await down).TotalSeconds, "/s", Budget.AtLeast(3_000)));
        return figures;
    }
}
