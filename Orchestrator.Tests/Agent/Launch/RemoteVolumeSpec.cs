using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>Volumes of servers, which may be away.</summary>
public sealed class RemoteVolumeSpec : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    // Refused before anything is mounted.
    private static readonly V1NFSVolumeSource Nowhere = new() { Server = "-oexec", Path = "/a" };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-remote-");

    [Fact]
    public async Task What_hangs_is_given_up_in_time_and_does_not_hang_twice()
    {
        var time = new FakeTimeProvider();
        var work = new VolumeWork(TimeSpan.FromMinutes(2), time);
        using var server = new ManualResetEventSlim();
        var begun = 0;
        int Look()
        {
            Interlocked.Increment(ref begun);
            server.Wait(Bound);
            return begun;
        }

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var look = work.RunAsync(Look, CancellationToken.None);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref begun) == 1, Bound));
            time.Advance(TimeSpan.FromMinutes(2));
            Assert.Contains("have not answered for 2 minutes", (await Assert.ThrowsAsync<VolumeException>(() => look.WaitAsync(Bound))).Message, StringComparison.Ordinal);
        }

        var last = work.RunAsync(Look, CancellationToken.None);
        server.Set();
        Assert.Equal(2, await last.WaitAsync(Bound));
    }

    [Fact]
    public async Task What_failed_is_tried_again()
    {
        var work = new VolumeWork(TimeSpan.FromMinutes(2), TimeProvider.System);
        await Assert.ThrowsAsync<LaunchException>(() => work.RunAsync<int>(() => throw new LaunchException("no"), CancellationToken.None).WaitAsync(Bound));
        Assert.Equal(1, await work.RunAsync(() => 1, CancellationToken.None).WaitAsync(Bound));
    }

    [Fact]
    public void A_mount_point_is_found_without_a_look_at_it()
    {
        // The folder may be reached by a link; a link in the place of the mount point itself is not followed.
        var link = Path.Combine(_folder.FullName, "root");
        File.CreateSymbolicLink(link, "/");
        string[] mounted = ["/proc", "/proc/", Path.Combine(link, "proc")];
        Assert.Equal(mounted, mounted.Select(at => NfsMounts.Ensure(Nowhere, [], at)));
        Assert.All([link, "/proc/self", Path.Combine(_folder.FullName, "none", "at", "all")], at => Assert.Throws<VolumeException>(() => NfsMounts.Ensure(Nowhere, [], at)));
    }

    [Fact]
    public void An_export_is_no_option_of_mount()
    {
        Assert.Equal(["-t", "nfs", "-o", "ro,hard", "--", "files:/a", "/at"], NfsMounts.Arguments(new V1NFSVolumeSource { Server = "files", Path = "/a", ReadOnlyProperty = true }, ["hard"], "/at"));
        Assert.Equal(["-t", "nfs", "--", "files:/a", "/at"], NfsMounts.Arguments(new V1NFSVolumeSource { Server = "files", Path = "/a" }, [], "/at"));
        Assert.Throws<VolumeException>(() => NfsMounts.Arguments(Nowhere, [], "/at"));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
