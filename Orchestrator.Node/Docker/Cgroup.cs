using System.Globalization;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>The control group of a container, of version 1 or 2: the files in which the kernel counts what it uses.</summary>
/// <param name="Cpu">File with the CPU time.</param>
/// <param name="Memory">File with the memory in use.</param>
/// <param name="MemoryStat">File with the kinds of memory.</param>
/// <param name="IsUnified">Whether it is of version 2.</param>
internal sealed record Cgroup(string Cpu, string Memory, string MemoryStat, bool IsUnified)
{
    private const string Root = "/sys/fs/cgroup";
    private const long NanosecondsPerMicrosecond = 1000;

    /// <summary>File with the number of processes and threads; null if the controller is not there.</summary>
    public string? Pids { get; init; }

    /// <summary>Finds the control group of a container by its main process.</summary>
    /// <param name="pid">Id of the process, as the engine says it.</param>
    /// <param name="container">Id of the container. The group's path must contain it: the process of a remote engine may have the number of one here.</param>
    /// <returns>Null if the group is not visible here.</returns>
    public static Cgroup? Of(long pid, string container)
    {
        try
        {
            return Parse(File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup")), container) is { } found
                && File.Exists(found.Cpu) && File.Exists(found.Memory) && File.Exists(found.MemoryStat) ? found : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the lines of <c>/proc/PID/cgroup</c>, such as <c>4:memory:/docker/ID</c>. Version 1 wins where both are mounted, because then the controllers are there.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="container">Id of the container.</param>
    /// <returns>Null if the container has no group with these controllers.</returns>
    public static Cgroup? Parse(IEnumerable<string> lines, string container)
    {
        var groups = lines.Select(l => l.Split(':', 3)).Where(p => p.Length == 3 && p[2].Contains(container, StringComparison.Ordinal))
            .SelectMany(p => p[1].Split(',').Select(controller => (Controller: controller, Path: p[2]))).DistinctBy(g => g.Controller).ToDictionary(g => g.Controller, g => g.Path);
        return groups.TryGetValue("cpuacct", out var cpu) && groups.TryGetValue("memory", out var memory)
            ? new Cgroup($"{Root}/cpuacct{cpu}/cpuacct.usage", $"{Root}/memory{memory}/memory.usage_in_bytes", $"{Root}/memory{memory}/memory.stat", IsUnified: false)
            {
                Pids = groups.TryGetValue("pids", out var pids) ? $"{Root}/pids{pids}/pids.current" : null,
            }
            : groups.TryGetValue("", out var unified)
                ? new Cgroup($"{Root}{unified}/cpu.stat", $"{Root}{unified}/memory.current", $"{Root}{unified}/memory.stat", IsUnified: true) { Pids = $"{Root}{unified}/pids.current" }
                : null;
    }

    /// <summary>Reads the CPU time in nanoseconds and the working set in bytes; null if the container has ended.</summary>
    public (long CpuNanoseconds, long WorkingSetBytes)? Read()
    {
        try
        {
            var cpu = IsUnified ? Field(File.ReadLines(Cpu), "usage_usec") * NanosecondsPerMicrosecond : Number(File.ReadAllText(Cpu));
            var inactive = Field(File.ReadLines(MemoryStat), IsUnified ? "inactive_file" : "total_inactive_file");
            return (cpu, Math.Max(0, Number(File.ReadAllText(Memory)) - inactive));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads more about the memory; all 0 if the container has ended.</summary>
    public MemoryDetail ReadMemory()
    {
        try
        {
            var fields = File.ReadLines(MemoryStat).Select(l => l.Split(' ', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => Number(p[1]));
            long Of(string unified, string former) => fields.GetValueOrDefault(IsUnified ? unified : former);
            return new MemoryDetail(Number(File.ReadAllText(Memory)), Of("anon", "total_rss"), Of("pgfault", "total_pgfault"), Of("pgmajfault", "total_pgmajfault"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    /// <summary>Reads the number of processes and threads; 0 if it is not known.</summary>
    public long ReadProcesses()
    {
        try
        {
            return Pids is null ? 0 : Number(File.ReadAllText(Pids));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    // A line such as "usage_usec 1234".
    private static long Field(IEnumerable<string> lines, string name) =>
        lines.Select(l => l.Split(' ', 2)).FirstOrDefault(p => p.Length == 2 && p[0] == name) is [_, var value] ? Number(value) : 0;

    private static long Number(string text) => long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
