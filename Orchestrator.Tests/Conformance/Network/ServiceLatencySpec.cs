using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>How soon services lead somewhere.</summary>
[Collection(NetworkHost.Name)]
public sealed class ServiceLatencySpec(NetworkHost host)
{
    private const int Services = 200;
    private const int AtOnce = 15;

    [RootFact]
    [Conformance("Service endpoints latency should not be very high")]
    public async Task Services_have_endpoints_soon_after_they_are_made()
    {
        var (made, seen) = (new ConcurrentDictionary<string, long>(), new Dictionary<string, long>());
        using var watch = new StreamReader(await host.Node.OpenAsync($"{NetworkHost.Path("endpoints")}?watch=true&labelSelector=latency"));
        var watching = Task.Run(async () =>
        {
            while (seen.Count < Services)
            {
                var endpoints = JsonNode.Parse((await watch.ReadLineAsync())!)!["object"]!;
                if (endpoints["subsets"] is JsonArray { Count: > 0 })
                {
                    seen.TryAdd((string)endpoints["metadata"]!["name"]!, Stopwatch.GetTimestamp());
                }
            }
        });
        await Parallel.ForAsync(0, Services, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            made[$"latency-{i}"] = Stopwatch.GetTimestamp();
            await host.Node.AskAsync(HttpMethod.Post, NetworkHost.Path("services"), $$"""
                { "metadata": { "name": "latency-{{i}}", "labels": { "latency": "" } }, "spec": { "selector": { "app": "web" }, "ports": [ { "port": 80 } ] } }
                """);
        });
        await watching.WaitAsync(TimeSpan.FromSeconds(50));
        var latencies = made.Select(m => Stopwatch.GetElapsedTime(m.Value, seen[m.Key])).Order().ToList();
        Assert.InRange(latencies[Services / 2], TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(latencies[Services * 99 / 100], TimeSpan.Zero, TimeSpan.FromSeconds(50));
        await host.Node.AskAsync(HttpMethod.Delete, $"{NetworkHost.Path("services")}?labelSelector=latency");
    }
}
