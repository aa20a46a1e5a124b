using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Tests.Agent.Eviction;

/// <summary>What of a host is free.</summary>
public sealed class HostSamplerSpec
{
    [Fact]
    public void Memory_is_all_but_the_working_set() => Assert.Equal(new SignalReading(300 * 1024, 1000 * 1024), HostSampler.Memory(
        ["MemTotal:        1000 kB", "MemFree:          100 kB", "MemAvailable:     900 kB", "Inactive:         500 kB", "Inactive(file):   200 kB"]));

    [Fact]
    public void Process_ids_are_the_lesser_limit_without_the_threads_there_are() => Assert.Equal(new SignalReading(32768 - 321, 32768), HostSampler.Pids(["4194304\n", "32768\n"], "0.10 0.20 0.30 2/321 9999\n"));

    [Fact]
    public async Task This_host_has_some_of_everything()
    {
        var sample = await new HostSampler(Path.GetTempPath(), _ => Task.FromResult<string?>("/proc"), TimeProvider.System).SampleAsync(CancellationToken.None);
        Assert.All([EvictionSignal.MemoryAvailable, EvictionSignal.PidAvailable, EvictionSignal.NodefsAvailable], s => Assert.InRange(sample.Readings[s].Available, 1, sample.Readings[s].Capacity));
        Assert.True(sample.HasOwnImagefs);
        var drive = new DriveInfo(Path.GetTempPath());
        Assert.Equal(drive.TotalSize, sample.Readings[EvictionSignal.NodefsAvailable].Capacity);
        Assert.InRange(sample.Readings[EvictionSignal.NodefsAvailable].Available, drive.AvailableFreeSpace - (1L << 30), drive.AvailableFreeSpace + (1L << 30));
    }
}
