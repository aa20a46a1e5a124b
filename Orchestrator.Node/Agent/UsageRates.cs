using Orchestrator.Actors.ResourceMetrics;

namespace Orchestrator.Node.Agent;

/// <summary>Makes usages of counters: a usage of CPU is the rate of two samples. Pure.</summary>
internal static class UsageRates
{
    // metrics-server counts a container that started after the last sample from its start, if that is ten of fifteen seconds ago: a shorter window says little.
    private const double MinFreshShare = 2.0 / 3;

    /// <summary>What a node and its pods use.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="before">The sample before; null if there is none.</param>
    /// <param name="now">The last sample.</param>
    /// <param name="resolution">Time between two samples.</param>
    public static NodeUsage Report(string node, RuntimeStats? before, RuntimeStats now, TimeSpan resolution)
    {
        var former = before?.Containers.ToDictionary(c => c.Id, c => c.Counters) ?? [];
        return new NodeUsage(node, before is null ? null : Rate(before.Host, now.Host),
        [
            .. now.Containers.GroupBy(c => c.PodUid)
                .Select(pod => new PodUsage(pod.Key, [.. pod.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => Container(c, former, resolution)).OfType<ContainerUsage>()]))
                .Where(pod => !pod.Containers.IsEmpty),
        ]);
    }

    private static ContainerUsage? Container(ContainerStats stats, Dictionary<string, ResourceCounters> former, TimeSpan resolution)
    {
        var now = stats.Counters;
        var age = now.At - now.StartedAt;
        var usage = former.TryGetValue(stats.Id, out var before) ? Rate(before, now)
            : age < resolution && age >= resolution * MinFreshShare ? Rate(new ResourceCounters(now.StartedAt, now.StartedAt, 0, 0), now) : null;
        return usage is null ? null : new ContainerUsage(stats.Name, usage);
    }

    private static ResourceUsage? Rate(ResourceCounters before, ResourceCounters now)
    {
        var window = now.At - before.At;
        var used = now.CpuNanoseconds - before.CpuNanoseconds;
        return window <= TimeSpan.Zero || used < 0 ? null : new ResourceUsage(now.At, window, (long)Math.Round(used / window.TotalSeconds), now.WorkingSetBytes);
    }
}
