using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks;

/// <summary>What a long history costs: the start of a host that was killed, with a checkpoint, with a torn one and without any.</summary>
internal sealed class AgeBenchmark : IBenchmark
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(15);

    public string Name => "age";

    public string What => "kill -9 after 20,000 objects and 200,000 events (--long: 100,000 and 1,000,000), then process start to /readyz";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var (objects, changes) = run.IsLong ? (100_000, 900_000) : (20_000, 180_000);
        var directory = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        try
        {
            Load change;
            await using (var host = await HostProcess.StartAsync("--runtime simulated", directory, cancellation))
            {
                run.Tell($"creating {objects:N0} objects");
                await Load.RunAsync(64, objects, Bound, (i, c) => host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap($"fill-{i}"), c), cancellation);
                run.Tell($"changing them {changes:N0} times");
                change = await Load.RunAsync(64, changes, Bound, (i, c) => host.Api.PatchAsync($"{Samples.ConfigMaps}/fill-{(int)((i * 7919L) % objects)}",
                    new JsonObject { ["data"] = new JsonObject { ["mark"] = $"{i}" } }, c), cancellation);
                using var kill = Process.Start("kill", $"-9 {host.Id}");
                await kill.WaitForExitAsync(cancellation);
            }

            var figures = new List<Figure>
            {
                new($"patches of 1 KB, 64 clients, while checkpoints are made", change.Rate, "/s"),
                new("patch, p99", change.Percentile(0.99), "ms"),
                new("patch, slowest", change.Latencies[^1], "ms"),
            };
            var label = $"{objects:N0} objects after {change.Requests + objects:N0} events";
            figures.AddRange(await StartAsync($"start to ready, {label}", directory, Budget.AtMost(15), cancellation));
            foreach (var checkpoint in Directory.EnumerateFiles(Path.Combine(directory, "checkpoints")))
            {
                using var file = File.OpenWrite(checkpoint);
                file.SetLength(file.Length - 100);
            }

            figures.AddRange(await StartAsync($"start to ready, {label}, checkpoints torn", directory, null, cancellation));
            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> StartAsync(string name, string directory, Budget? budget, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated", directory, cancellation);
        return [new(name, host.ReadyAfter.TotalSeconds, "s", budget), new("RSS after it", host.RssMb, "MB")];
    }
}
