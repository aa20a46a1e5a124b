using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary><c>orc image load</c>: an archive goes through the API server to the engine of a node.</summary>
[Collection(DockerHost.Name)]
public sealed class ImageLoadSpec(DockerHost host) : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("image-");
    private readonly string _image = $"orchestrator/loaded-{Guid.NewGuid():N}:1";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Command.RunAsync("docker", ["rmi", "-f", _image], Bound);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_images_of_an_archive_are_on_the_node_afterwards()
    {
        var archive = Path.Combine(_folder.FullName, "images.tar.gz");
        var script = $"tar -c -C {_folder.FullName} --files-from=/dev/null | docker import - {_image} && docker save {_image} | gzip > {archive} && docker rmi {_image}";
        (await Command.RunAsync("sh", ["-c", script], Bound)).Succeeded();
        var loaded = (await OrcAsync(archive)).Succeeded();
        Assert.Contains($"{host.Node.Name}: Loaded image: {_image}", loaded, StringComparison.Ordinal);
        (await Command.RunAsync("docker", ["image", "inspect", _image], Bound)).Succeeded();
    }

    [Fact]
    public async Task What_is_no_archive_or_no_node_is_refused_with_the_reason()
    {
        var broken = Path.Combine(_folder.FullName, "broken.tar");
        await File.WriteAllTextAsync(broken, "no archive");
        var refused = await OrcAsync(broken);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"node {host.Node.Name} did not load the images", refused.Error, StringComparison.Ordinal);
        var nowhere = await OrcAsync(broken, "--node", "nowhere");
        Assert.Contains("nodes \"nowhere\" not found", nowhere.Error, StringComparison.Ordinal);
        Assert.Contains("does not exist: make an archive", (await OrcAsync(broken + "2")).Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> OrcAsync(params string[] arguments) =>
        Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orc"), ["--kubeconfig", host.Node.Kubeconfig, "image", "load", .. arguments], Bound);
}
