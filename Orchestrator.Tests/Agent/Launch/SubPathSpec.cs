using Orchestrator.Node.Agent.Launch;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>Paths in volumes that containers may write to.</summary>
public sealed class SubPathSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-volumes-");

    [Fact]
    public void A_subPath_stays_inside_its_volume_links_and_all()
    {
        var volume = _folder.CreateSubdirectory("v").FullName;
        Directory.CreateDirectory(Path.Combine(volume, "real"));
        File.CreateSymbolicLink(Path.Combine(volume, "good"), "real");
        File.CreateSymbolicLink(Path.Combine(volume, "bad"), "/etc");
        Assert.Equal(Path.Combine(volume, "real", "x"), Resolved(volume, "good/x"));
        Assert.True(Directory.Exists(Path.Combine(volume, "real", "x")), "a folder that is missing is made");
        File.CreateSymbolicLink(Path.Combine(volume, "real", "back"), "../real/x");
        Assert.Equal(Path.Combine(volume, "real", "x"), Resolved(volume, "real/back"));
        File.CreateSymbolicLink(Path.Combine(volume, "real", "up"), "../../v");
        File.CreateSymbolicLink(Path.Combine(volume, "loop"), "loop");
        foreach (var sub in (string[])["bad/passwd", "../v2", "/etc", "real/up", "loop"])
        {
            Assert.Throws<LaunchException>(() => Resolved(volume, sub));
        }

        static string Resolved(string volume, string sub)
        {
            using var handle = SubPath.Open(volume, sub);
            return SubPath.PathOf(handle);
        }
    }

    [RootFact]
    public async Task A_folder_that_comes_and_goes_while_it_is_mounted_is_mounted_in_the_end()
    {
        var volume = _folder.CreateSubdirectory("v").FullName;
        var (path, other, place) = (Path.Combine(volume, "path"), Path.Combine(volume, "other"), Path.Combine(_folder.FullName, "shown", "0"));
        var removed = 0;
        using var end = new CancellationTokenSource();
        var swaps = Task.Run(() =>
        {
            // What stands at the path is now a folder that is full, now nothing, now one that the agent made there and that is removed.
            for (Directory.CreateDirectory(Path.Combine(other, "full")); !end.IsCancellationRequested;)
            {
                try
                {
                    Directory.Delete(path);
                    Interlocked.Increment(ref removed);
                }
                catch (IOException)
                {
                    // It is not there.
                }

                if (!Directory.Exists(path))
                {
                    TryMove(other, path);
                    TryMove(path, other);
                }
            }
        });
        try
        {
            const int Enough = 300;
            for (var i = 0; Volatile.Read(ref removed) < Enough; i++)
            {
                Assert.Equal(place, SubPath.Show(volume, "path", place));
                Assert.True(i < 100 * Enough, "What the agent made is never removed.");
            }
        }
        finally
        {
            await end.CancelAsync();
            await swaps;
            await Command.RunAsync("umount", [place], TimeSpan.FromSeconds(20));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
        }
        catch (IOException)
        {
            // The agent was faster.
        }
    }
}
