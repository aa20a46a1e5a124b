using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Benchmarks;

internal sealed class WatchBenchmark : IBenchmark
{
    private const int PerSecond = 1_000;
    private const int Writers = 16;

    public string Name => "watch";

    public string What => "latency of watch events under 1,000 writes/s, from the sending of the write (an upper bound of commit to client)";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated", null, cancellation);
        await Load.RunAsync(Writers, 10_000, TimeSpan.FromSeconds(20), (i, c) => host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap($"warm-{i}"), c), cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new ConcurrentBag<double>();
        var watch = host.Api.WatchAsync($"{Samples.ConfigMaps}?watch=true", opened, line =>
        {
            if (Mark(line.Span) is > 0 and var sent)
            {
                seen.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        }, stop.Token);
        await opened.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        var seconds = run.IsLong ? 60 : 15;
        var clock = Stopwatch.StartNew();
        var writes = await Load.RunAsync(Writers, PerSecond * seconds, TimeSpan.FromSeconds(seconds * 2), async (i, c) =>
        {
            var early = TimeSpan.FromSeconds((double)i / PerSecond) - clock.Elapsed;
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, c);
            }

            await host.Api.PostAsync(Samples.ConfigMaps, Samples.ConfigMap($"w-{i}", Stopwatch.GetTimestamp()), c);
        }, cancellation);
        await Task.Delay(500, cancellation);
        await stop.CancelAsync();
        await watch;
        var latencies = seen.Order().ToList();
        return
        [
            new("writes while watched", writes.Rate, "/s"),
            new("watch events missed", writes.Requests - latencies.Count, "", Budget.AtMost(0)),
            new("write sent to watch event, p50", Load.At(latencies, 0.5), "ms"),
            new("write sent to watch event, p99", Load.At(latencies, 0.99), "ms", Budget.AtMost(20)),
        ];
    }

    private static long Mark(ReadOnlySpan<byte> line)
    {
        var key = "\"mark\":\""u8;
        var at = line.IndexOf(key);
        return at >= 0 && Utf8Parser.TryParse(line[(at + key.Length)..], out long mark, out _) ? mark : 0;
    }
}
