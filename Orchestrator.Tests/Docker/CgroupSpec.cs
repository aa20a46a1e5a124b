using Orchestrator.Node.Docker;

namespace Orchestrator.Tests.Docker;

/// <summary>Where the kernel counts what a container uses.</summary>
public sealed class CgroupSpec
{
    [Fact]
    public void The_groups_of_version_1_are_those_of_the_controllers() => Assert.Equal(
        new Cgroup("/sys/fs/cgroup/cpuacct/docker/abc/cpuacct.usage", "/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "/sys/fs/cgroup/memory/docker/abc/memory.stat", false) { Pids = "/sys/fs/cgroup/pids/docker/abc/pids.current" },
        Cgroup.Parse(["9:name=systemd:/docker/abc", "4:memory:/docker/abc", "3:pids:/docker/abc", "2:cpu,cpuacct:/docker/abc", "0::/docker/abc"], "abc"));

    [Fact]
    public void The_group_of_version_2_has_all() => Assert.Equal(
        new Cgroup("/sys/fs/cgroup/system.slice/docker-abc.scope/cpu.stat", "/sys/fs/cgroup/system.slice/docker-abc.scope/memory.current", "/sys/fs/cgroup/system.slice/docker-abc.scope/memory.stat", true) { Pids = "/sys/fs/cgroup/system.slice/docker-abc.scope/pids.current" },
        Cgroup.Parse(["0::/system.slice/docker-abc.scope"], "abc"));

    [Theory]
    [InlineData("4:memory:/docker/other\n2:cpu,cpuacct:/docker/other")]
    [InlineData("0::/")]
    [InlineData("")]
    public void The_process_of_somebody_else_has_none(string lines) => Assert.Null(Cgroup.Parse(lines.Split('\n'), "abc"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_working_set_leaves_inactive_file_pages_out(bool isUnified)
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-cgroup-");
        try
        {
            var (cpu, memory, stat) = (Path.Combine(folder.FullName, "cpu"), Path.Combine(folder.FullName, "memory"), Path.Combine(folder.FullName, "stat"));
            File.WriteAllText(cpu, isUnified ? "usage_usec 7000\nuser_usec 1\n" : "7000000\n");
            File.WriteAllText(memory, "5000\n");
            File.WriteAllText(stat, "cache 1\ninactive_file 2000\n" + (isUnified ? "" : "total_inactive_file 3000\n"));
            Assert.Equal((7_000_000, isUnified ? 3000 : 2000), new Cgroup(cpu, memory, stat, isUnified).Read());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_group_that_is_gone_has_no_counters() => Assert.Null(new Cgroup("/nowhere/cpu", "/nowhere/memory", "/nowhere/stat", true).Read());

    [Fact]
    public void The_host_uses_what_is_neither_idle_nor_free()
    {
        var counters = HostCounters.Parse(["cpu  100 10 20 9999 8888 3 4 5 77 0", "cpu0 1 1 1 1 1 1 1 1 1 1"],
            ["MemTotal:       1000 kB", "MemFree:         300 kB", "Inactive(file):  200 kB"], DateTimeOffset.UnixEpoch.AddHours(1));
        Assert.Equal((1_420_000_000, 500 * 1024), (counters.CpuNanoseconds, counters.WorkingSetBytes));
    }
}
