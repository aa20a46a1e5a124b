using Orchestrator.Node.Agent;
using Orchestrator.Node.Docker;
using Orchestrator.Tests.Kit;
using ContainerState = Orchestrator.Node.Agent.ContainerState;

namespace Orchestrator.Tests.Docker;

/// <summary>The container that is made while its sandbox starts, on the real engine: it is the one that runs, or another one that is as wanted by then.</summary>
public sealed class FirstContainerSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();
    private readonly string _node = $"first-{Guid.NewGuid():N}";
    private readonly string _uid = Guid.NewGuid().ToString();
    private DockerRuntime _runtime = null!;

    [Fact]
    public async Task It_is_shown_as_created_and_then_runs()
    {
        var made = await MakeAsync(Container("one"));
        var first = Assert.Single(made.Containers);
        Assert.Equal((true, "a", 0, ContainerState.Created, made.SandboxId), (made.IsSandboxRunning, first.Name, first.Attempt, first.State, first.SandboxId));
        var started = await StartAsync(_runtime, Container("one"));
        Assert.Equal((first.Id, ContainerState.Running), (started!.Id, started.State));
        Assert.Equal(started, Assert.Single((await _runtime.FindAsync(_uid, CancellationToken.None))!.Containers));
        Assert.Equal("one", await SaysAsync());
    }

    [Fact]
    public async Task Another_takes_its_place_when_what_it_is_made_of_has_changed()
    {
        var first = Assert.Single((await MakeAsync(Container("one"))).Containers);
        Assert.NotEqual(first.Id, (await StartAsync(_runtime, Container("two")))!.Id);
        Assert.Single((await _runtime.FindAsync(_uid, CancellationToken.None))!.Containers);
        Assert.Equal("two", await SaysAsync());
    }

    [Theory]
    [InlineData("one", true)]
    [InlineData("two", false)]
    public async Task A_process_that_finds_it_starts_it_only_as_it_is_wanted(string wanted, bool isSame)
    {
        var first = Assert.Single((await MakeAsync(Container("one"))).Containers);
        await using var next = Create();
        Assert.Equal(isSame, first.Id == (await StartAsync(next, Container(wanted)))!.Id);
        Assert.Single((await next.FindAsync(_uid, CancellationToken.None))!.Containers);
        Assert.Equal(wanted, await SaysAsync());
    }

    [Fact]
    public async Task What_cannot_be_made_ahead_is_told_at_its_start()
    {
        var made = await MakeAsync(Container("one") with { Image = "nowhere/none:1" });
        Assert.True(made.IsSandboxRunning);
        Assert.Empty(made.Containers);
        var refused = await Assert.ThrowsAsync<ContainerRefusedException>(() => StartAsync(_runtime, Container("one") with { Image = "nowhere/none:1" }));
        Assert.Contains("nowhere/none:1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_made_for_a_pod_that_has_its_sandbox()
    {
        await _runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        Assert.Empty((await MakeAsync(Container("one"))).Containers);
    }

    [Fact]
    public async Task A_sandbox_that_cannot_start_leaves_none()
    {
        // The engine makes it, and the kernel has no such parameter.
        var launch = Sandbox() with { Sysctls = [("fs.mqueue.nothing", "1")], First = (_, _) => Task.FromResult<ContainerLaunch?>(Container("one")) };
        var refused = await Assert.ThrowsAsync<ContainerRefusedException>(() => _runtime.EnsureSandboxAsync(launch, CancellationToken.None));
        Assert.StartsWith("failed to start the sandbox", refused.Message, StringComparison.Ordinal);
        await using var other = Create();
        Assert.Null(await other.FindAsync(_uid, CancellationToken.None));
    }

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        _runtime = Create();
    }

    public async Task DisposeAsync()
    {
        await _runtime.RemovePodAsync(_uid, TimeSpan.Zero, CancellationToken.None);
        await _runtime.DisposeAsync();
        _folder.Dispose();
    }

    private DockerRuntime Create() => DockerRuntime.At(Containers.Engine, _node, _folder.Path);

    // In the network of the host, so that its address is known before it starts.
    private SandboxLaunch Sandbox() => new(_uid, "default", "first", "first", true, []);

    private ContainerLaunch Container(string word) => new(_uid, "default", "first", "a", 0, SampleImage.First, ["sleep"], ["600"], [new("WORD", word)], null, []);

    private Task<RuntimePodStatus> MakeAsync(ContainerLaunch first) =>
        _runtime.EnsureSandboxAsync(Sandbox() with { First = (_, _) => Task.FromResult<ContainerLaunch?>(first) }, CancellationToken.None);

    private static Task<RuntimeContainerStatus?> StartAsync(DockerRuntime runtime, ContainerLaunch launch) => runtime.StartContainerAsync(launch, CancellationToken.None);

    private async Task<string> SaysAsync() => (await _runtime.ExecAsync(_uid, "a", ["sh", "-c", "printf $WORD"], Bound, CancellationToken.None)).Output;
}
