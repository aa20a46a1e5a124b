using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>A small file system in memory, whose size can be changed while it is used. Needs root.</summary>
internal sealed class TestDisk : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private const long Size = 2L << 30;

    private TestDisk(string path) => Path = path;

    public string Path { get; }

    public static async Task<TestDisk> MountAsync(string path)
    {
        Directory.CreateDirectory(path);
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={Size}", "tmpfs", path], Bound)).Succeeded();
        return new TestDisk(path);
    }

    /// <summary>Makes it as small as what is on it: not a page is free.</summary>
    public async Task FillAsync()
    {
        // What is written meanwhile makes the size too small: then it is measured again.
        await Poll.UntilAsync(async () =>
        {
            var disk = new DriveInfo(Path);
            return (await ResizeAsync(disk.TotalSize - disk.TotalFreeSpace)).ExitCode == 0;
        }, Bound, () => $"{Path} is full");
    }

    /// <summary>Makes it large again.</summary>
    public async Task FreeAsync() => (await ResizeAsync(Size)).Succeeded();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => (await Command.RunAsync("umount", [Path], Bound)).Succeeded();

    private Task<CommandResult> ResizeAsync(long bytes) => Command.RunAsync("mount", ["-o", $"remount,size={bytes}", Path], Bound);
}
