using System.Globalization;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>What the host uses, from <c>/proc</c>.</summary>
internal static class HostCounters
{
    // The unit of /proc/stat is USER_HZ, which is 100 per second on every architecture of .NET.
    private const long NanosecondsPerTick = 10_000_000;

    /// <summary>Reads the counters.</summary>
    /// <param name="now">The current time.</param>
    /// <exception cref="IOException"><c>/proc</c> cannot be read.</exception>
    public static ResourceCounters Read(DateTimeOffset now) => Parse(File.ReadLines("/proc/stat"), File.ReadLines("/proc/meminfo"), now);

    /// <summary>Parses the lines of <c>/proc/stat</c> and <c>/proc/meminfo</c>. CPU time is all that is neither idle nor waiting for I/O; the working set all memory that is
    /// neither free nor an inactive file page.</summary>
    public static ResourceCounters Parse(IEnumerable<string> stat, IEnumerable<string> memory, DateTimeOffset now)
    {
        // user nice system idle iowait irq softirq steal; the time of guests is part of user and nice.
        var ticks = stat.First(l => l.StartsWith("cpu ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(Number).Take(8).ToList();
        var kilobytes = memory.Select(l => l.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length > 1).ToDictionary(p => p[0], p => Number(p[1]));
        var used = kilobytes.GetValueOrDefault("MemTotal") - kilobytes.GetValueOrDefault("MemFree") - kilobytes.GetValueOrDefault("Inactive(file)");
        return new ResourceCounters(now, DateTimeOffset.UnixEpoch, ticks.Where((_, i) => i is not (3 or 4)).Sum() * NanosecondsPerTick, Math.Max(0, used) * 1024);
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
