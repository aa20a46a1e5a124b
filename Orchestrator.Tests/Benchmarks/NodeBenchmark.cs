using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Orchestrator.Benchmarks;

/// <summary>The agent on the Docker engine: where the time of a pod's start goes beside the engine alone, what probed pods cost, and what streams carry.</summary>
internal sealed class NodeBenchmark : IBenchmark
{
    private const string Image = "orchestrator/sample:1";
    private const string Pause = "orchestrator/pause:3";
    private const int SideBySide = 8;
    private const int Megabytes = 200;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);
    private static readonly string[] Phases = ["until its sandbox is created", "sandbox created to started", "until its container is created", "container created to started", "until Ready is seen"];

    public string Name => "node";

    public string What => "phases of a pod's start, what idle probed pods cost, exec and logs, on the Docker engine; skipped without one";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        using var docker = new DockerClientConfiguration().CreateClient();
        try
        {
            await docker.System.PingAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(5), cancellation);
            await docker.Images.InspectImageAsync(Image, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or DockerApiException)
        {
            run.Tell($"skipped: {e.Message} Run scripts/start-docker.sh and scripts/import-sample-image.sh first.");
            return [];
        }

        await using var host = await HostProcess.StartAsync("--runtime docker", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        await using var engine = new EngineWatch(docker);
        List<Figure> figures = [];
        await StartAsync(host, follower, engine, "first", 2, cancellation);
        figures.AddRange(await OneByOneAsync("1 pod", 20, i => StartAsync(host, follower, engine, $"one{i}", 1, cancellation)));
        figures.AddRange(await OneByOneAsync("1 of the engine alone", 20, i => BareAsync(docker, engine, $"one{i}", 1, cancellation)));
        run.Tell("50 pods");
        figures.AddRange(await OneByOneAsync("50 pods", 1, i => StartAsync(host, follower, engine, $"many{i}", 50, cancellation)));
        figures.AddRange(await OneByOneAsync("50 of the engine alone", 1, i => BareAsync(docker, engine, $"many{i}", 50, cancellation)));
        var span = run.IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(60);
        foreach (var count in new[] { 0, 50, 100 })
        {
            run.Tell($"{count} idle pods over {span.TotalSeconds:0} s");
            figures.AddRange(await IdleAsync(host, follower, count, span, cancellation));
        }

        await RemoveAsync(host, follower, cancellation);
        figures.AddRange(await StreamsAsync(host, follower, cancellation));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> OneByOneAsync(string name, int times, Func<int, Task<IReadOnlyList<double[]>>> start)
    {
        List<double[]> all = [];
        for (var i = 0; i < times; i++)
        {
            all.AddRange(await start(i));
        }

        var rows = Phases.Select((phase, p) => (phase, Values: all.Where(a => p < a.Length - 1).Select(a => a[p]).ToList())).Where(r => r.Values.Count > 0).Append(("in all", [.. all.Select(a => a[^1])]));
        return [.. rows.SelectMany(r => (Figure[])[new($"{name}: {r.Item1}, p50", Quantile(r.Item2, 0.5), "ms"), new($"{name}: {r.Item1}, p99", Quantile(r.Item2, 0.99), "ms")])];
    }

    // Milliseconds of each phase and, last, of all.
    private static async Task<IReadOnlyList<double[]>> StartAsync(HostProcess host, PodFollower follower, EngineWatch engine, string name, int count, CancellationToken cancellation)
    {
        var ready = new ConcurrentDictionary<string, DateTime>();
        var sent = new ConcurrentDictionary<string, DateTime>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var opened = new TaskCompletionSource();
        var watch = host.Api.WatchAsync($"{Samples.Pods}?watch=true", opened, line => Note(line, ready), stop.Token);
        await opened.Task;
        var all = follower.WaitAsync(f => f.Ready >= count, Bound, cancellation);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
        {
            sent[$"{name}-{i}"] = DateTime.UtcNow;
            return host.Api.PostAsync(Samples.Pods, Samples.Pod($"{name}-{i}", Image), cancellation);
        }));
        await all;
        while (ready.Count(r => sent.ContainsKey(r.Key)) < count)
        {
            await Task.Delay(10, cancellation); // The other watch is a moment behind.
        }

        await stop.CancelAsync();
        await watch;
        List<double[]> rows = [];
        foreach (var (pod, at) in sent)
        {
            DateTime?[] marks = [at, engine.At("create", $"k8s_POD_{pod}_"), engine.At("start", $"k8s_POD_{pod}_"), engine.At("create", $"k8s_web_{pod}_"), engine.At("start", $"k8s_web_{pod}_"), ready[pod]];
            rows.Add([.. marks.Zip(marks.Skip(1), (a, b) => (b - a)?.TotalMilliseconds ?? 0), (ready[pod] - at).TotalMilliseconds]);
        }

        await RemoveAsync(host, follower, cancellation);
        return rows;
    }

    private static async Task<IReadOnlyList<double[]>> BareAsync(DockerClient docker, EngineWatch engine, string name, int count, CancellationToken cancellation)
    {
        using var gate = new SemaphoreSlim(SideBySide);
        var made = new ConcurrentBag<string>();
        var ended = new ConcurrentDictionary<int, DateTime>();
        var began = DateTime.UtcNow;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
            {
                await gate.WaitAsync(cancellation);
                try
                {
                    var pause = await RunAsync(docker, made, new CreateContainerParameters { Name = $"bare-p-{name}-{i}-", Image = Pause, Entrypoint = ["/pause"], HostConfig = new HostConfig { IpcMode = "shareable" } }, cancellation);
                    await RunAsync(docker, made, new CreateContainerParameters { Name = $"bare-c-{name}-{i}-", Image = Image, HostConfig = new HostConfig { NetworkMode = $"container:{pause}", IpcMode = $"container:{pause}" } }, cancellation);
                    ended[i] = DateTime.UtcNow;
                }
                finally
                {
                    gate.Release();
                }
            }));
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation); // The events are a moment behind.
            return [.. ended.Select(e =>
            {
                DateTime?[] marks = [began, .. ((string[])["p", "c"]).SelectMany(c => (DateTime?[])[engine.At("create", $"bare-{c}-{name}-{e.Key}-"), engine.At("start", $"bare-{c}-{name}-{e.Key}-")])];
                return (double[])[.. marks.Zip(marks.Skip(1), (a, b) => (b - a)?.TotalMilliseconds ?? 0), (e.Value - began).TotalMilliseconds];
            })];
        }
        finally
        {
            await Task.WhenAll(made.Select(id => docker.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, CancellationToken.None))).WaitAsync(Bound, CancellationToken.None);
        }
    }

    private static async Task<string> RunAsync(DockerClient docker, ConcurrentBag<string> made, CreateContainerParameters parameters, CancellationToken cancellation)
    {
        var created = await docker.Containers.CreateContainerAsync(parameters, cancellation);
        made.Add(created.ID);
        await docker.Containers.StartContainerAsync(created.ID, new ContainerStartParameters(), cancellation);
        return created.ID;
    }

    private static async Task<IReadOnlyList<Figure>> IdleAsync(HostProcess host, PodFollower follower, int count, TimeSpan span, CancellationToken cancellation)
    {
        var all = follower.WaitAsync(f => f.Ready >= count, Bound, cancellation);
        for (var i = follower.Count; i < count; i++)
        {
            await host.Api.PostAsync(Samples.Pods, Probed($"idle-{i}"), cancellation);
        }

        await all;
        await Task.Delay(Settle, cancellation);
        var (revision, cpu) = (await RevisionAsync(host, cancellation), host.Cpu);
        await Task.Delay(span, cancellation);
        var name = $"{count} idle pods, probed every 10 s";
        var written = await RevisionAsync(host, cancellation) - revision;
        return
        [
            new($"{name}: RSS of the host", host.RssMb, "MB"),
            new($"{name}: CPU of the host", 100 * (host.Cpu - cpu) / span, "% of a core"),
            new($"{name}: journal events in {span.TotalSeconds:0} s", written, "", count == 0 ? null : Budget.AtMost(0)),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> StreamsAsync(HostProcess host, PodFollower follower, CancellationToken cancellation)
    {
        var ready = follower.WaitAsync(f => f.Ready >= 2, Bound, cancellation);
        await host.Api.PostAsync(Samples.Pods, Samples.Pod("talker", Image), cancellation);
        await host.Api.PostAsync(Samples.Pods, Encoding.UTF8.GetBytes(
            $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"writer"},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"web","image":"{{Image}}","command":["sh","-c","yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678 | head -n 100000; exec sleep 3600"]}]} }"""), cancellation);
        await ready;
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation); // The writer is done.
        var clock = Stopwatch.StartNew();
        var bytes = await host.Api.ExecAsync("talker", ["dd", "if=/dev/zero", "bs=1M", $"count={Megabytes}"], cancellation);
        var exec = bytes / 1e6 / clock.Elapsed.TotalSeconds;
        clock.Restart();
        var logged = await host.Api.DrainAsync($"{Samples.Pods}/writer/log", new byte[1 << 16], cancellation);
        var log = logged / 1e6 / clock.Elapsed.TotalSeconds;
        await RemoveAsync(host, follower, cancellation);
        return [new($"exec: output of {bytes / 1e6:0} MB", exec, "MB/s"), new($"logs: {logged / 1e6:0} MB in lines of 80 bytes", log, "MB/s")];
    }

    private static async Task RemoveAsync(HostProcess host, PodFollower follower, CancellationToken cancellation)
    {
        await host.Api.DeleteAsync(Samples.Pods, cancellation);
        await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
    }

    private static async Task<long> RevisionAsync(HostProcess host, CancellationToken cancellation) =>
        long.Parse((string)(await host.Api.GetJsonAsync($"{Samples.Pods}?limit=1", cancellation))["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Probed(string name) => Encoding.UTF8.GetBytes(
        $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"web","image":"{{{Image}}}",
         "readinessProbe":{"httpGet":{"path":"/","port":80},"periodSeconds":10},"livenessProbe":{"tcpSocket":{"port":80},"periodSeconds":10}}]} }
        """);

    private static void Note(ReadOnlyMemory<byte> line, ConcurrentDictionary<string, DateTime> ready)
    {
        using var document = JsonDocument.Parse(line);
        var pod = document.RootElement.GetProperty("object");
        if (pod.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions)
            && conditions.EnumerateArray().Any(c => c.GetProperty("type").ValueEquals("Ready") && c.GetProperty("status").ValueEquals("True")))
        {
            ready.TryAdd(pod.GetProperty("metadata").GetProperty("name").GetString()!, DateTime.UtcNow);
        }
    }

    private static double Quantile(IReadOnlyList<double> values, double share) => values.Order().ElementAt((int)Math.Min(values.Count - 1, Math.Floor(share * values.Count)));
}
