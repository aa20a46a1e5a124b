using Orchestrator.Cli.Hosting;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

public sealed class DataDirectorySpec : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("orc data ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [RootFact]
    public async Task Deleting_it_unmounts_what_pods_left_and_spares_what_the_mounts_and_links_show()
    {
        var host = Directory.CreateDirectory(Path.Combine(_folder, "host")).FullName;
        await File.WriteAllTextAsync(Path.Combine(host, "precious"), "kept");
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        var shown = Directory.CreateDirectory(Path.Combine(data, "pods", "u 1", "subpaths", "main", "0")).FullName;
        var memory = Directory.CreateDirectory(Path.Combine(data, "pods", "u 1", "volumes", "mem")).FullName;
        (await Command.RunAsync("mount", ["--bind", host, shown], Bound)).Succeeded();
        (await Command.RunAsync("mount", ["-t", "tmpfs", "tmpfs", memory], Bound)).Succeeded();
        (await Command.RunAsync("mount", ["-t", "tmpfs", "tmpfs", memory], Bound)).Succeeded();
        var driven = Directory.CreateDirectory(Path.Combine(_folder, "kubelet", "mount")).FullName;
        (await Command.RunAsync("mount", ["-t", "tmpfs", "tmpfs", driven], Bound)).Succeeded();
        var records = Directory.CreateDirectory(Path.Combine(data, "pods", "u 1", "csi")).FullName;
        await File.WriteAllTextAsync(Path.Combine(records, "d"), $$"""{"Driver":"d","Handle":"h","Name":"v","Target":"{{driven}}","Staging":null,"IsReadOnly":false}""");
        await File.WriteAllTextAsync(Path.Combine(records, ".e"), "{");
        File.CreateSymbolicLink(Path.Combine(data, "pods", "link"), host);
        Assert.True(File.Exists(Path.Combine(shown, "precious")));

        // Reached by a link, as /var/run often is.
        var alias = Path.Combine(_folder, "alias");
        File.CreateSymbolicLink(alias, _folder);
        new DataDirectory(Path.Combine(alias, "data")).Delete();

        Assert.False(Directory.Exists(data));
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(host, "precious")));
        Assert.DoesNotContain(data.Replace(" ", "\\040", StringComparison.Ordinal), await File.ReadAllTextAsync("/proc/self/mounts"), StringComparison.Ordinal);
        Assert.DoesNotContain(driven.Replace(" ", "\\040", StringComparison.Ordinal), await File.ReadAllTextAsync("/proc/self/mounts"), StringComparison.Ordinal);
        File.Delete(alias);
    }
}
