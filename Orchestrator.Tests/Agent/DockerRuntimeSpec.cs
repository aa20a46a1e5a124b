using Docker.DotNet;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Docker;

namespace Orchestrator.Tests.Agent;

/// <summary>The contract on the real engine, and what only real containers have.</summary>
public sealed class DockerRuntimeSpec : ContainerRuntimeContract
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-docker-");
    private readonly string _node = $"spec-{Guid.NewGuid():N}";

    [Fact]
    public async Task Another_process_finds_what_runs()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("a", 2, "sleep 600"), CancellationToken.None);
        await using var other = Create();
        var pod = Assert.Single(await other.ListAsync(CancellationToken.None));
        Assert.Equal((Uid, "default", "contract"), (pod.Uid, pod.Namespace, pod.Name));
        Assert.Equal((await Runtime.FindAsync(Uid, CancellationToken.None))!.Containers.Single(), pod.Containers.Single());
        Assert.Equal(2, pod.Containers.Single().Attempt);
    }

    [Fact]
    public async Task A_container_over_its_memory_limit_is_killed_for_it()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        var launch = Container("a", 0, "tail /dev/zero") with { Resources = new ContainerResources(2, 0, 0, 16 << 20) };
        var ended = await EndAsync(() => Runtime.StartContainerAsync(launch, CancellationToken.None), "a", 0);
        Assert.True(ended.IsOomKilled);
        Assert.Equal(137, ended.ExitCode);
    }

    [Fact]
    public async Task The_termination_message_is_read_from_its_file_or_the_log()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        var file = await EndAsync(() => Runtime.StartContainerAsync(Container("a", 0, "echo because > /dev/termination-log; exit 1"), CancellationToken.None), "a", 0);
        var log = await EndAsync(() => Runtime.StartContainerAsync(Container("b", 0, "echo printed; exit 1") with { IsMessageFromLog = true }, CancellationToken.None), "b", 0);
        Assert.Equal("because\n", file.TerminationMessage);
        Assert.Equal("printed\n", log.TerminationMessage);
    }

    [Fact]
    public async Task Paths_of_mounts_may_have_any_character()
    {
        var source = _folder.CreateSubdirectory("a:b,c");
        await File.WriteAllTextAsync(Path.Combine(source.FullName, "file"), "in\n");
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await Runtime.StartContainerAsync(
            Container("a", 0, "sleep 600") with { Mounts = [new VolumeBind(source.FullName, "/x,ro:rw", false), new VolumeBind(source.FullName, "/shut", true)] }, CancellationToken.None);
        Assert.Equal((0, "in\n"), await Runtime.ExecAsync(Uid, "a", ["cat", "/x,ro:rw/file"], TimeSpan.FromSeconds(10), CancellationToken.None));
        var (written, why) = await Runtime.ExecAsync(Uid, "a", ["touch", "/shut/other"], TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.NotEqual(0, written);
        Assert.Contains("Read-only", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_comes_first_and_the_grace_is_kept()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("polite", 0, "trap 'exit 7' TERM; while :; do sleep 0.1; done"), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("deaf", 0, "trap '' TERM; while :; do sleep 0.1; done"), CancellationToken.None);
        await Runtime.StopContainerAsync(Uid, "polite", TimeSpan.FromSeconds(20), CancellationToken.None);
        await Runtime.StopContainerAsync(Uid, "deaf", TimeSpan.FromSeconds(1), CancellationToken.None);
        var pod = (await Runtime.FindAsync(Uid, CancellationToken.None))!;
        Assert.Equal(7, pod.Containers.Single(c => c.Name == "polite").ExitCode);
        Assert.Equal(137, pod.Containers.Single(c => c.Name == "deaf").ExitCode);
    }

    [Fact]
    public async Task Containers_of_a_pod_share_their_address()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("web", 0, "mkdir -p /w; echo shared > /w/index.html; httpd -f -p 8080 -h /w"), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), CancellationToken.None);
        var (code, output) = await Runtime.ExecAsync(Uid, "a", ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://127.0.0.1:8080/ && exit 0; sleep 0.3; done; exit 1"], TimeSpan.FromSeconds(15), CancellationToken.None);
        Assert.Equal((0, "shared\n"), (code, output.EndsWith("shared\n", StringComparison.Ordinal) ? "shared\n" : output));
    }

    [Fact]
    public async Task A_command_whose_time_is_up_does_not_run_on()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), CancellationToken.None);
        var (code, _) = await Runtime.ExecAsync(Uid, "a", ["sh", "-c", "sleep 301 & sleep 302; echo never"], TimeSpan.FromSeconds(2), CancellationToken.None);
        Assert.Null(code);
        await Kit.Poll.UntilAsync(
            async () => (await Runtime.ExecAsync(Uid, "a", ["ps"], TimeSpan.FromSeconds(10), CancellationToken.None)).Output is var table
                && table.Contains("sleep 600", StringComparison.Ordinal) && !table.Contains("sleep 30", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20), () => "the command's processes are gone and the container's lives");
    }

    [Fact]
    public async Task An_image_that_is_not_here_and_may_not_be_asked_for_is_said_so()
    {
        Assert.Equal("ErrImageNeverPull", (await Assert.ThrowsAsync<ImageUnavailableException>(() => Runtime.EnsureImageAsync("nowhere/none:1", "Never", [], CancellationToken.None))).Reason);
        Assert.Equal("InvalidImageName", (await Assert.ThrowsAsync<ImageUnavailableException>(() => Runtime.EnsureImageAsync("UPPER/:x", "Never", [], CancellationToken.None))).Reason);
        Assert.False(await Runtime.EnsureImageAsync(Kit.SampleImage.First, "Always", [], CancellationToken.None));
    }

    [Fact]
    public async Task Another_data_directory_with_a_node_of_the_same_name_has_nothing_to_do_with_it()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder.FullName, "elsewhere")).FullName;
        await using var other = DockerRuntime.At(Kit.Containers.Engine, _node, elsewhere);
        Assert.Empty(await other.ListAsync(CancellationToken.None));
        Assert.Null(await other.FindAsync(Uid, CancellationToken.None));
        await other.RemovePodAsync(Uid, TimeSpan.Zero, CancellationToken.None);
        Assert.NotNull(await Runtime.FindAsync(Uid, CancellationToken.None));
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_unavailable()
    {
        await using var nowhere = DockerRuntime.At(new Uri("unix:///nonexistent/docker.sock"), _node, _folder.FullName);
        await Assert.ThrowsAsync<RuntimeUnavailableException>(() => nowhere.InfoAsync(CancellationToken.None));
        await Assert.ThrowsAsync<RuntimeUnavailableException>(() => nowhere.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_engine_whose_control_groups_are_elsewhere_is_asked_itself()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        await Runtime.StartContainerAsync(Container("a", 0, "while :; do :; done"), CancellationToken.None);
        using var configuration = new DockerClientConfiguration(Kit.Containers.Engine);
        using var client = configuration.CreateClient();
        var containers = new ContainerReader(client, ContainerOwner.Of(_node, _folder.FullName), new TerminationFiles(_folder.FullName), _ => null);
        var asked = Assert.Single((await new ContainerStatsReader(client, containers, TimeProvider.System, (_, _) => null).ReadAsync([Pod()], CancellationToken.None)).Containers);
        var read = Assert.Single((await new ContainerStatsReader(client, containers, TimeProvider.System, Cgroup.Of).ReadAsync([Pod()], CancellationToken.None)).Containers);
        Assert.Equal((asked.PodUid, asked.Name, asked.Id, asked.Counters.StartedAt), (read.PodUid, read.Name, read.Id, read.Counters.StartedAt));
        Assert.InRange(asked.Counters.CpuNanoseconds, 1, read.Counters.CpuNanoseconds);
        Assert.InRange(asked.Counters.WorkingSetBytes, read.Counters.WorkingSetBytes / 2, read.Counters.WorkingSetBytes * 2);
    }

    public override async Task InitializeAsync()
    {
        await Kit.SampleImage.ImportAsync(Kit.SampleImage.First);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private protected override IContainerRuntime? Other() => Create();

    private protected override IContainerRuntime Create() => DockerRuntime.At(Kit.Containers.Engine, _node, _folder.FullName);
}
