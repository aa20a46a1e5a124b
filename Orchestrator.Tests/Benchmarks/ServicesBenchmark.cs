using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;

namespace Orchestrator.Benchmarks;

/// <summary>Services on a node: from an endpoint that is ready to the first packet that reaches it, with few services and with 5,000 of ten endpoints each.</summary>
internal sealed class ServicesBenchmark : IBenchmark
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private const int Port = 9000;
    private const int Endpoints = 10;
    private const int SideBySide = 16;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    public string Name => "services";

    public string What => "time from ready to the first packet, and 5,000 services of ten endpoints each; needs root and a Docker engine";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var (count, rounds) = (5000, run.IsLong ? 500 : 100);
        await using var host = await HostProcess.StartAsync("--runtime docker", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        var pods = new List<string>();
        var names = NetworkNames.Of(Installation.Of(host.DataDir));
        for (var i = 0; i < Endpoints; i++)
        {
            await host.Api.PostAsync(Samples.Pods, Samples.Pod($"to-{i}", "orchestrator/sample:1"), cancellation);
        }

        await follower.WaitAsync(f => f.Ready == Endpoints, TimeSpan.FromSeconds(60), cancellation);
        for (var i = 0; i < Endpoints; i++)
        {
            pods.Add((string)(await host.Api.GetJsonAsync($"{Samples.Pods}/to-{i}", cancellation))["status"]!["podIP"]!);
            _ = await NetProbe.ServeAsync(NetworkNames.PathOf(names.For(IPAddress.Parse(pods[i]))), Port);
        }

        var first = await AddAsync(0);
        var few = await FirstPacketsAsync(first, "few services");
        var fewConnects = await ConnectsAsync([first]);
        var (rss, cpu) = (host.RssMb, host.Cpu);

        run.Tell($"{count} services");
        var clock = Stopwatch.StartNew();
        var all = new IPEndPoint[count];
        await Parallel.ForEachAsync(Enumerable.Range(1, count - 1), new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellation }, async (i, _) => all[i] = await AddAsync(i));
        all[0] = first;
        var created = clock.Elapsed;
        foreach (var to in all)
        {
            while (NetProbe.Connect(to) is null)
            {
                if (clock.Elapsed > Bound)
                {
                    throw new TimeoutException($"Service {to} does not answer.");
                }

                await Task.Delay(20, cancellation);
            }
        }

        var reached = clock.Elapsed;
        var spent = (host.Cpu - cpu).TotalSeconds;
        var many = await FirstPacketsAsync(first, $"{count} services");
        var manyConnects = await ConnectsAsync(all);
        return
        [
            new("ready to first packet, few services, p50", NetProbe.Percentile(few, 50), "ms"),
            new("ready to first packet, few services, p99", NetProbe.Percentile(few, 99), "ms"),
            new($"ready to first packet, {count} services of {Endpoints}, p50", NetProbe.Percentile(many, 50), "ms"),
            new($"ready to first packet, {count} services of {Endpoints}, p99", NetProbe.Percentile(many, 99), "ms"),
            new("to connect, few services, p99", NetProbe.Percentile(fewConnects, 99) * 1000, "µs"),
            new($"to connect, {count} services, p99", NetProbe.Percentile(manyConnects, 99) * 1000, "µs"),
            new($"{count} services of {Endpoints} created", count / created.TotalSeconds, "/s"),
            new("last one created to all reached", (reached - created).TotalSeconds, "s"),
            new("CPU of host and agent per service and slice", spent / count * 1000, "ms"),
            new("memory of host and agent per service and slice", (host.RssMb - rss) * 1024 / count, "KB"),
        ];

        // All have the same pods.
        async Task<IPEndPoint> AddAsync(int i)
        {
            await host.Api.PostAsync(Services, Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"s{{{i}}}"},"spec":{"ports":[{"port":80,"targetPort":{{{Port}}}}]}}"""), cancellation);
            await host.Api.PostAsync(Slices, Encoding.UTF8.GetBytes(Slice(i, isReady: true).ToJsonString()), cancellation);
            return new IPEndPoint(IPAddress.Parse((string)(await host.Api.GetJsonAsync($"{Services}/s{i}", cancellation))["spec"]!["clusterIP"]!), 80);
        }

        JsonObject Slice(int i, bool isReady) => new()
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject { ["name"] = $"s{i}", ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = $"s{i}" } },
            ["addressType"] = "IPv4",
            ["ports"] = new JsonArray(new JsonObject { ["port"] = Port }),
            ["endpoints"] = new JsonArray([.. pods.Select(p => (JsonNode)new JsonObject { ["addresses"] = new JsonArray(p), ["conditions"] = new JsonObject { ["ready"] = isReady, ["serving"] = isReady } })]),
        };

        async Task<double[]> FirstPacketsAsync(IPEndPoint to, string what)
        {
            run.Tell($"ready to first packet, {what}");
            var times = new List<double>();
            for (var i = 0; i < rounds; i++)
            {
                await host.Api.PatchAsync($"{Slices}/s0", new JsonObject { ["endpoints"] = Slice(0, isReady: false)["endpoints"]!.DeepClone() }, cancellation);
                while (NetProbe.Connect(to) is not null)
                {
                    await Task.Delay(1, cancellation);
                }

                await host.Api.PatchAsync($"{Slices}/s0", new JsonObject { ["endpoints"] = Slice(0, isReady: true)["endpoints"]!.DeepClone() }, cancellation);
                var begin = Stopwatch.GetTimestamp();
                while (NetProbe.Connect(to) is null)
                {
                    Thread.Sleep(TimeSpan.FromMilliseconds(0.2));
                }

                times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }

            times.Sort();
            return [.. times];
        }

        async Task<double[]> ConnectsAsync(IReadOnlyList<IPEndPoint> targets)
        {
            await Task.Yield();
            var times = Enumerable.Range(0, 3000).Select(i => NetProbe.Connect(targets[Random.Shared.Next(targets.Count)]) ?? throw new InvalidOperationException("A service does not answer.")).ToArray();
            Array.Sort(times);
            return times;
        }
    }
}
