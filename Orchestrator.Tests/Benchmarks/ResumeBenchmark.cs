using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks;

/// <summary>Whether a watch of one kind can resume after many changes of another.</summary>
internal sealed class ResumeBenchmark : IBenchmark
{
    private const int Pods = 100;
    private const int Changes = 200_000;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    public string Name => "resume";

    public string What => "a watch of ConfigMaps from before 200,000 changes of pods, and one of the pods";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated --simulated-nodes 10", null, cancellation);
        await host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap("before"), cancellation);
        var before = (string)(await host.Api.GetJsonAsync(Samples.ConfigMaps, cancellation))["metadata"]!["resourceVersion"]!;
        await host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap("first"), cancellation);
        run.Tell($"changing {Pods} pods {Changes:N0} times");
        await Load.RunAsync(64, Pods, Bound, (i, c) => host.Api.PostAsync(Samples.Pods, Samples.Pod($"p{i}", "orchestrator/sample:1"), c), cancellation);
        var change = await Load.RunAsync(64, Changes, Bound, (i, c) => host.Api.PatchAsync($"{Samples.Pods}/p{i % Pods}",
            new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["mark"] = $"{i}" } } }, c), cancellation);
        await host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap("last"), cancellation);
        var clock = Stopwatch.StartNew();
        var told = await FirstAsync(host, $"{Samples.ConfigMaps}?watch=true&resourceVersion={before}&timeoutSeconds=5", 2, cancellation);
        var taken = clock.Elapsed;
        var ofPods = await FirstAsync(host, $"{Samples.Pods}?watch=true&resourceVersion={before}&timeoutSeconds=5", 1, cancellation);
        return
        [
            new("patches of pods, 64 clients", change.Rate, "/s"),
            new("changes of ConfigMaps that the resumed watch is told, of 2", told.Count(l => l.Contains("\"ADDED\"", StringComparison.Ordinal)), ""),
            new("time until it has them", taken.TotalMilliseconds, "ms"),
            new("a watch of the pods from there is refused with 410 (1: yes)", ofPods.Count(l => l.Contains("\"code\":410", StringComparison.Ordinal)), ""),
        ];
    }

    private static async Task<List<string>> FirstAsync(HostProcess host, string path, int lines, CancellationToken cancellation)
    {
        using var reader = new StreamReader(await host.Api.OpenAsync(path, cancellation));
        List<string> told = [];
        while (told.Count < lines && await reader.ReadLineAsync(cancellation) is { } line)
        {
            told.Add(line);
        }

        return told;
    }
}
