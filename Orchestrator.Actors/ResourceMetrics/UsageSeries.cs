using System.Collections.Immutable;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>Usages at equal distances, for a chart.</summary>
/// <param name="Times">Begins of the steps, in seconds since 1970.</param>
/// <param name="Cpu">Average CPU use in each step, in cores; null where nothing was measured.</param>
/// <param name="Memory">Average working set in each step, in bytes; null where nothing was measured.</param>
public sealed record UsageSeries(ImmutableArray<long> Times, ImmutableArray<double?> Cpu, ImmutableArray<long?> Memory)
{
    /// <summary>Takes the averages of the points in each step of a range.</summary>
    /// <param name="points">What was measured, in any order.</param>
    /// <param name="range">The range.</param>
    public static UsageSeries Of(IEnumerable<UsagePoint> points, UsageRange range)
    {
        var (cpu, memory, count) = (new double[range.Points], new double[range.Points], new int[range.Points]);
        foreach (var point in points.Where(p => p.Seconds >= range.From && p.Seconds < range.To))
        {
            var at = (point.Seconds - range.From) / range.Step;
            cpu[at] += point.CpuMicrocores;
            memory[at] += point.MemoryKibibytes;
            count[at]++;
        }

        return new UsageSeries(
            [.. count.Select((_, i) => range.From + (i * range.Step))],
            [.. count.Select((n, i) => n == 0 ? (double?)null : Math.Round(cpu[i] / n) / 1e6)],
            [.. count.Select((n, i) => n == 0 ? (long?)null : (long)Math.Round(memory[i] / n) * 1024)]);
    }
}
