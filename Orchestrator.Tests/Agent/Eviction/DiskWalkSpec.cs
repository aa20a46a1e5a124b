using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Eviction;

/// <summary>What a folder takes, whatever a container has made in it.</summary>
public sealed class DiskWalkSpec : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _volume;

    public DiskWalkSpec() => _volume = Directory.CreateDirectory(_folder.File("volume")).FullName;

    [Fact]
    public void Files_and_folders_count_at_every_depth()
    {
        var (before, deep) = (Use(), _volume);
        for (var i = 0; i < 40; i++)
        {
            deep = Directory.CreateDirectory(Path.Combine(deep, "d")).FullName;
        }

        File.WriteAllBytes(Path.Combine(deep, "f"), new byte[100_000]);
        var after = Use();
        Assert.Equal(41, after.Inodes - before.Inodes);
        Assert.InRange(after.Bytes - before.Bytes, 100_000, 100_000 + (41 * 4096) + 4096);
        Assert.True(after.IsComplete);
    }

    [Fact]
    public async Task A_link_leads_nowhere_and_a_file_with_two_names_counts_once()
    {
        var outside = Directory.CreateDirectory(_folder.File("outside")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(outside, "big"), new byte[1_000_000]);
        File.CreateSymbolicLink(Path.Combine(_volume, "link"), outside);
        await File.WriteAllBytesAsync(Path.Combine(_volume, "one"), new byte[200_000]);
        var before = Use();
        (await Command.RunAsync("ln", [Path.Combine(_volume, "one"), Path.Combine(_volume, "two")], TimeSpan.FromSeconds(10))).Succeeded();
        Assert.Equal(before, Use());
        Assert.InRange(before.Bytes, 200_000, 300_000);
        File.CreateSymbolicLink(_folder.File("top"), outside);
        Assert.Equal(DiskUse.None, DiskWalk.Of(_folder.File("top"), CancellationToken.None));
    }

    [RootFact]
    public async Task What_is_mounted_in_it_is_somebody_elses()
    {
        var at = Directory.CreateDirectory(Path.Combine(_volume, "mounted")).FullName;
        var before = Use();
        (await Command.RunAsync("mount", ["-t", "tmpfs", "tmpfs", at], TimeSpan.FromSeconds(10))).Succeeded();
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(at, "big"), new byte[1_000_000]);
            Assert.True(Use().Bytes <= before.Bytes);
        }
        finally
        {
            (await Command.RunAsync("umount", [at], TimeSpan.FromSeconds(10))).Succeeded();
        }
    }

    [Fact]
    public void The_work_is_bounded_and_says_that_it_was()
    {
        for (var i = 0; i < 20; i++)
        {
            File.WriteAllText(Path.Combine(_volume, $"f{i}"), "");
        }

        Assert.Equal((10, false), DiskWalk.Of(_volume, CancellationToken.None, most: 10) is var some ? ((int)some.Inodes, some.IsComplete) : default);
        Assert.Equal((21, true), (Use().Inodes, Use().IsComplete));
    }

    [Fact]
    public void What_is_not_there_takes_nothing() => Assert.Equal(DiskUse.None, DiskWalk.Of(_folder.File("gone"), CancellationToken.None));

    public void Dispose() => _folder.Dispose();

    private DiskUse Use() => DiskWalk.Of(_volume, CancellationToken.None);
}
