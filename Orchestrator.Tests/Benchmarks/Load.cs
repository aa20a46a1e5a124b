using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Benchmarks;

/// <summary>Requests by several clients at once, bounded in count and time.</summary>
/// <param name="Requests">How many were answered.</param>
/// <param name="Elapsed">All of them together.</param>
/// <param name="Latencies">Of each, in milliseconds, ascending.</param>
internal sealed record Load(int Requests, TimeSpan Elapsed, IReadOnlyList<double> Latencies)
{
    public double Rate => Requests / Elapsed.TotalSeconds;

    public double Percentile(double p) => At(Latencies, p);

    public static double At(IReadOnlyList<double> ascending, double p) =>
        ascending.Count == 0 ? double.NaN : ascending[Math.Min(ascending.Count - 1, (int)(p * ascending.Count))];

    /// <summary>Runs requests 0 … count-1, or as many as fit into the time.</summary>
    public static async Task<Load> RunAsync(int clients, int count, TimeSpan bound, Func<int, CancellationToken, Task> request, CancellationToken cancellation)
    {
        var next = -1;
        var latencies = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < bound && Interlocked.Increment(ref next) is var i && i < count)
            {
                var start = Stopwatch.GetTimestamp();
                await request(i, cancellation);
                latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }, cancellation)));
        var elapsed = clock.Elapsed;
        return new Load(latencies.Count, elapsed, [.. latencies.Order()]);
    }
}
