using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Quotas;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Quotas;

/// <summary>Sizes of volumes on real file systems with project quotas.</summary>
public sealed class ProjectQuotaSpec : IAsyncLifetime
{
    private const int Mebi = 1 << 20;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private readonly TempFolder _folder = new();
    private bool _isMounted;

    private string Mounted => _folder.File("mounted");

    private string Image => _folder.File("image");

    private FolderQuotas Quotas => new(_folder.File("projects"), new KernelProjects());

    [QuotaTheory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task A_write_over_the_size_fails_until_the_volume_grows(string type)
    {
        await MountAsync(type, "prjquota");
        var (one, other) = (Made("one"), Made("other"));
        Assert.True(Quotas.Bound(one, 8 * Mebi));
        Assert.True(Quotas.Bound(other, 8 * Mebi));

        Assert.Null(await WriteAsync(one, "first", 6));
        Assert.Matches("No space left|quota exceeded", await WriteAsync(one, "second", 6));
        Assert.Null(await WriteAsync(other, "first", 6));

        // After a restart of the agent.
        Assert.True(Quotas.Bound(one, 32 * Mebi));
        Assert.Null(await WriteAsync(one, "second", 6));
        Assert.Matches("No space left|quota exceeded", await WriteAsync(other, "second", 6));
    }

    [QuotaTheory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task The_project_of_a_volume_that_is_gone_is_free_and_has_no_limit(string type)
    {
        await MountAsync(type, "prjquota");
        var (folder, projects) = (Made("one"), new KernelProjects());
        Assert.True(Quotas.Bound(folder, 8 * Mebi));
        var project = projects.Of(folder);
        Assert.Equal(ProjectNumbers.For("one").First(), project);
        Assert.Null(await WriteAsync(folder, "first", 1));
        Assert.Equal(2, projects.FilesOf(Mounted, project));

        Directory.Delete(folder, recursive: true);
        Quotas.Release(folder);

        // xfs removes files a moment after they have lost their names.
        await Poll.UntilAsync(() => Task.FromResult(projects.FilesOf(Mounted, project) == 0), Bound, () => "the project has no files");
        Assert.Empty(Directory.GetFiles(_folder.File("projects")));

        var next = Made("next");
        projects.Give(next, project);
        Assert.Null(await WriteAsync(next, "first", 16));

        // Somebody has it now.
        Assert.True(Quotas.Bound(Made("one"), 8 * Mebi));
        Assert.Equal(project + 1, projects.Of(folder));
    }

    [QuotaTheory]
    [InlineData("ext4", "")]
    [InlineData("ext4", "prjquota")]
    [InlineData("xfs", "")]
    [InlineData("xfs", "pqnoenforce")]
    [InlineData("xfs", "prjquota")]
    [InlineData("tmpfs", "")]
    public async Task Sizes_are_enforced_where_the_mount_says_so(string type, string options)
    {
        await MountAsync(type, options);
        Assert.Equal(options == "prjquota", new KernelProjects().AreEnforced(Mounted));
        Assert.Equal(options == "prjquota", Quotas.Bound(Made("one"), 8 * Mebi));
    }

    [QuotaTheory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task The_volume_of_a_claim_has_the_size_that_its_object_says(string type)
    {
        await MountAsync(type, "prjquota");
        using var system = ActorSystem.Create("sizes");
        var sizes = VolumeSizes.At(Mounted, _folder.File("projects"), Logging.GetLogger(system, "sizes"))!;
        var claims = new ClaimMounts("n", Mounted, isReal: true, sizes: sizes);
        var folder = Made("pvc-1");
        claims.Fit(Volume("8Mi"));
        Assert.Matches("No space left|quota exceeded", await WriteAsync(folder, "file", 12));
        claims.Fit(Volume("24Mi"));
        Assert.Null(await WriteAsync(folder, "file", 12));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_isMounted)
        {
            (await Command.RunAsync("umount", [Mounted], Bound)).Succeeded();
        }

        _folder.Dispose();
    }

    private static V1PersistentVolume Volume(string size) => new()
    {
        Metadata = new() { Name = "pvc-1", Finalizers = [LocalVolumes.Finalizer], Annotations = new Dictionary<string, string> { [VolumeAnnotations.ProvisionedBy] = LocalVolumes.Provisioner } },
        Spec = new()
        {
            Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = new(size) },
            NodeAffinity = new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "kubernetes.io/hostname", OperatorProperty = "In", Values = ["n"] }] }] } },
        },
    };

    private string Made(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Mounted, name)).FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        return folder;
    }

    private async Task MountAsync(string type, string options)
    {
        Directory.CreateDirectory(Mounted);
        if (type != "tmpfs")
        {
            await using (var file = File.Create(Image))
            {
                file.SetLength(400L * Mebi);
            }

            (await Command.RunAsync($"/usr/sbin/mkfs.{type}", [.. type == "ext4" ? (string[])["-q", "-O", "project,quota"] : ["-q"], Image], Bound)).Succeeded();
        }

        (await Command.RunAsync("mount", type == "tmpfs" ? ["-t", type, type, Mounted] : ["-o", options.Length == 0 ? "loop" : $"loop,{options}", Image, Mounted], Bound)).Succeeded();
        _isMounted = true;
    }

    // As root in a container, which has no CAP_SYS_RESOURCE: with it, ext4 refuses nothing. Returns why it failed.
    private static async Task<string?> WriteAsync(string folder, string name, int mebi)
    {
        var written = await Command.RunAsync("setpriv", ["--bounding-set=-sys_resource", "dd", "if=/dev/zero", $"of={folder}/{name}", "bs=1M", $"count={mebi}", "conv=fsync"], Bound);
        return written.ExitCode == 0 ? null : written.Error;
    }
}
