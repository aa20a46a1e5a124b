using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent;

/// <summary>What every container runtime must do; each runtime's spec runs all of it.</summary>
public abstract class ContainerRuntimeContract : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly string _uid = Guid.NewGuid().ToString();

    private protected IContainerRuntime Runtime { get; private set; } = null!;

    private CancellationToken Token => _stop.Token;

    public virtual Task InitializeAsync()
    {
        Runtime = Create();
        return Task.CompletedTask;
    }

    public virtual async Task DisposeAsync()
    {
        await Runtime.RemovePodAsync(_uid, TimeSpan.Zero, Token);
        await Runtime.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>A runtime that sees what others made by this method see, if it outlives its process.</summary>
    private protected abstract IContainerRuntime Create();

    /// <summary>Another process that does the same; null if there is none and every start is told.</summary>
    private protected virtual IContainerRuntime? Other() => null;

    [Fact]
    public async Task A_pod_that_was_never_made_is_not_found()
    {
        Assert.Null(await Runtime.FindAsync(_uid, Token));
        Assert.DoesNotContain(await Runtime.ListAsync(Token), p => p.Uid == _uid);
    }

    [Fact]
    public async Task A_sandbox_has_an_address_and_is_made_once()
    {
        var first = await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        var second = await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        Assert.True(first.IsSandboxRunning);
        Assert.NotNull(first.Ip);
        Assert.Equal(first.Ip, second.Ip);
        Assert.NotNull(first.SandboxId);
        Assert.Equal(first.SandboxId, second.SandboxId);
        Assert.Single(await Runtime.ListAsync(Token), p => p.Uid == _uid);
    }

    [Fact]
    public async Task A_started_container_runs_and_starts_once()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StartContainerAsync(Container("a", 0, "echo hi; sleep 600"), Token);
        var pod = (await Runtime.FindAsync(_uid, Token))!;
        var before = Assert.Single(pod.Containers);
        Assert.Equal(pod.SandboxId, before.SandboxId);
        await Runtime.StartContainerAsync(Container("a", 0, "echo hi; sleep 600"), Token);
        var after = Assert.Single((await Runtime.FindAsync(_uid, Token))!.Containers);
        Assert.Equal(ContainerState.Running, before.State);
        Assert.NotNull(before.StartedAt);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_container_that_runs_can_have_other_resources()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), CancellationToken.None);
        var before = new ContainerResources(100, 500, 16 << 20, 64 << 20);
        await Runtime.StartContainerAsync(Container("a", 0, "sleep 60") with { Resources = before }, CancellationToken.None);
        var started = (await Runtime.FindAsync(Uid, CancellationToken.None))!.Containers.Single();
        Assert.Equal((before, before), (started.Resources, started.Created));

        var after = new ContainerResources(333, 10, 32 << 20, 128 << 20);
        await Runtime.ResizeContainerAsync(Uid, "a", after, CancellationToken.None);
        Assert.Equal(started with { Resources = after }, (await Runtime.FindAsync(Uid, CancellationToken.None))!.Containers.Single());
        Assert.Equal(after, (await Runtime.ListAsync(CancellationToken.None)).Single(p => p.Uid == Uid).Containers.Single().Resources);
        await Runtime.ResizeContainerAsync(Uid, "b", after, CancellationToken.None);
    }

    [Fact]
    public async Task An_end_is_told_with_its_exit_code()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        var ended = await EndAsync(() => Runtime.StartContainerAsync(Container("a", 0, "sleep 1; exit 3"), Token), "a", 0);
        Assert.Equal(3, ended.ExitCode);
        Assert.True(ended.FinishedAt >= ended.StartedAt);
    }

    [Fact]
    public async Task A_container_that_cannot_start_has_ended_and_says_why()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        var launch = Container("a", 0, "") with { Command = ["/bin/does-not-exist"], Args = [] };
        await Runtime.StartContainerAsync(launch, Token);
        await Runtime.StartContainerAsync(launch, Token);
        var ended = Assert.Single((await Runtime.FindAsync(_uid, Token))!.Containers);
        Assert.Equal((ContainerState.Exited, 127, "ContainerCannotRun"), (ended.State, ended.ExitCode, ended.Reason));
        Assert.Contains("/bin/does-not-exist: no such file", ended.TerminationMessage, StringComparison.Ordinal);
        Assert.Null(ended.StartedAt);
        Assert.NotNull(ended.FinishedAt);
        Assert.Equal(ended, (await Runtime.ListAsync(Token)).Single(p => p.Uid == _uid).Containers.Single());
        await Runtime.StartContainerAsync(Container("a", 1, "sleep 600"), Token);
        Assert.Equal([(0, ContainerState.Exited), (1, ContainerState.Running)], (await Runtime.FindAsync(_uid, Token))!.Containers.Select(c => (c.Attempt, c.State)).Order());
    }

    [Fact]
    public async Task A_sandbox_that_was_stopped_has_no_address_and_is_replaced_by_another()
    {
        var first = await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await EndAsync(() => Runtime.StartContainerAsync(Container("a", 0, "echo one; exit 0"), Token), "a", 0);
        await Runtime.StopSandboxAsync(_uid, Token);
        await Runtime.StopSandboxAsync(_uid, Token);
        var stopped = (await Runtime.FindAsync(_uid, Token))!;
        Assert.Equal((false, null, first.SandboxId), (stopped.IsSandboxRunning, stopped.Ip, stopped.SandboxId));
        Assert.Equal("one\n", await LogAsync(new LogOptions()));

        var second = await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        Assert.True(second.IsSandboxRunning);
        Assert.NotEqual(first.SandboxId, second.SandboxId);
        await Runtime.StartContainerAsync(Container("a", 1, "sleep 600"), Token);
        Assert.Equal([(0, first.SandboxId), (1, second.SandboxId)], (await Runtime.FindAsync(_uid, Token))!.Containers.OrderBy(c => c.Attempt).Select(c => (c.Attempt, c.SandboxId)));
    }

    [Fact]
    public async Task A_start_by_somebody_else_is_told()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await foreach (var uid in Runtime.ChangesAsync(Token))
        {
            if (uid.Length == 0)
            {
                await using var other = Other();
                await (other ?? Runtime).StartContainerAsync(Container("a", 0, "sleep 600"), Token);
            }
            else if (uid == _uid)
            {
                return;
            }
        }

        Assert.Fail("The stream ended without the news.");
    }

    [Fact]
    public async Task Attempts_keep_the_one_before_and_its_log()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await EndAsync(() => Runtime.StartContainerAsync(Container("a", 0, "echo zero; exit 1"), Token), "a", 0);
        await EndAsync(() => Runtime.StartContainerAsync(Container("a", 1, "echo one; exit 1"), Token), "a", 1);
        await Runtime.StartContainerAsync(Container("a", 2, "echo two; sleep 600"), Token);
        var pod = await Runtime.FindAsync(_uid, Token);
        Assert.Equal([1, 2], pod!.Containers.Select(c => c.Attempt).Order());
        Assert.Equal("one\n", await LogAsync(new LogOptions(IsPrevious: true)));
        Assert.Equal("one\n", await LogAsync(new LogOptions(ContainerId: pod.Containers.Single(c => c.Attempt == 1).Id)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => LogAsync(new LogOptions(IsPrevious: true, ContainerId: "other")));
        Assert.Equal("two\n", await LogUntilAsync("two\n"));
    }

    [Fact]
    public async Task Logs_can_be_cut_and_stamped()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await EndAsync(() => Runtime.StartContainerAsync(Container("a", 0, "echo one; echo two; echo three; exit 0"), Token), "a", 0);
        Assert.Equal("one\ntwo\nthree\n", await LogAsync(new LogOptions()));
        Assert.Equal("three\n", await LogAsync(new LogOptions(TailLines: 1)));
        Assert.Equal("one\n", await LogAsync(new LogOptions(LimitBytes: 4)));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\S+Z three\n$", await LogAsync(new LogOptions(TailLines: 1, HasTimestamps: true)));
        Assert.Equal("one\ntwo\nthree\n", await LogAsync(new LogOptions(Follow: true)));
    }

    [Fact]
    public async Task A_container_without_a_log_says_so()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => LogAsync(new LogOptions()));
        await Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), Token);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => LogAsync(new LogOptions(IsPrevious: true)));
    }

    [Fact]
    public async Task A_command_runs_inside_within_its_bound()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StartContainerAsync(Container("a", 0, "echo hi; sleep 600"), Token);
        var (code, output) = await Runtime.ExecAsync(_uid, "a", ["sh", "-c", "echo in; exit 4"], Bound, Token);
        Assert.Equal((4, "in\n"), (code, output));
        Assert.Null((await Runtime.ExecAsync(_uid, "a", ["sh", "-c", "sleep 30"], TimeSpan.FromSeconds(1), Token)).ExitCode);
    }

    [Fact]
    public async Task A_stopped_container_stays_to_be_seen()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), Token);
        await Runtime.StopContainerAsync(_uid, "a", TimeSpan.FromSeconds(1), Token);
        var observed = Assert.Single((await Runtime.FindAsync(_uid, Token))!.Containers);
        Assert.Equal(ContainerState.Exited, observed.State);
        Assert.NotEqual(0, observed.ExitCode);
    }

    [Fact]
    public async Task A_removed_pod_leaves_nothing_and_may_be_removed_again()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), Token);
        await Runtime.StartContainerAsync(Container("b", 0, "exit 1"), Token);
        await Runtime.RemovePodAsync(_uid, TimeSpan.FromSeconds(1), Token);
        await Runtime.RemovePodAsync(_uid, TimeSpan.FromSeconds(1), Token);
        Assert.Null(await Runtime.FindAsync(_uid, Token));
    }

    [Fact]
    public async Task What_a_container_uses_is_counted_while_it_runs()
    {
        var runtime = (IContainerStats)Runtime;
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StartContainerAsync(Container("busy", 0, "while :; do :; done"), Token);
        await Runtime.StartContainerAsync(Container("idle", 0, "sleep 600"), Token);
        var first = await runtime.StatsAsync([Pod()], Token);
        Assert.Equal(["busy", "idle"], first.Containers.Select(c => c.Name).Order());
        Assert.All(first.Containers, c => Assert.True(c.PodUid == _uid && c.Counters.WorkingSetBytes > 0 && c.Counters.StartedAt <= c.Counters.At, c.ToString()));
        var then = first;
        await Poll.UntilAsync(async () => Cpu(then = await runtime.StatsAsync([Pod()], Token), "busy") - Cpu(first, "busy") > 100_000_000, Bound, () => $"busy uses a tenth of a second of CPU: {then}");
        Assert.InRange(Cpu(then, "idle") - Cpu(first, "idle"), 0, (Cpu(then, "busy") - Cpu(first, "busy")) / 10);
        Assert.True(then.Host.CpuNanoseconds > first.Host.CpuNanoseconds && then.Host.WorkingSetBytes > 0, then.Host.ToString());

        await Runtime.StopContainerAsync(_uid, "busy", TimeSpan.Zero, Token);
        Assert.Equal(["idle"], (await runtime.StatsAsync([Pod()], Token)).Containers.Select(c => c.Name));
        Assert.Empty((await runtime.StatsAsync([], Token)).Containers);
    }

    [Fact]
    public async Task A_container_whose_sandbox_is_not_there_is_refused_and_leaves_nothing()
    {
        await Assert.ThrowsAsync<ContainerRefusedException>(() => Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), Token));
        Assert.Null(await Runtime.FindAsync(_uid, Token));
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StopSandboxAsync(_uid, Token);
        await Assert.ThrowsAsync<ContainerRefusedException>(() => Runtime.StartContainerAsync(Container("a", 0, "sleep 600"), Token));
        Assert.Empty((await Runtime.FindAsync(_uid, Token))!.Containers);
    }

    [Fact]
    public async Task What_is_not_there_is_stopped_already_and_runs_no_commands()
    {
        await Runtime.StopContainerAsync(_uid, "a", Bound, Token);
        await Runtime.StopSandboxAsync(_uid, Token);
        await Assert.ThrowsAsync<ContainerRefusedException>(() => Runtime.ExecAsync(_uid, "a", ["true"], Bound, Token));
        await Runtime.EnsureSandboxAsync(Sandbox(), Token);
        await Runtime.StopContainerAsync(_uid, "a", Bound, Token);
        await EndAsync(() => Runtime.StartContainerAsync(Container("a", 0, "exit 0"), Token), "a", 0);
        await Runtime.StopContainerAsync(_uid, "a", Bound, Token);
        Assert.Equal(0, (await Runtime.FindAsync(_uid, Token))!.Containers.Single().ExitCode);
        await Assert.ThrowsAsync<ContainerRefusedException>(() => Runtime.ExecAsync(_uid, "a", ["true"], Bound, Token));
    }

    [Fact]
    public async Task What_is_asked_for_twice_at_once_is_made_once()
    {
        var sandboxes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Runtime.EnsureSandboxAsync(Sandbox(), Token)));
        Assert.Single(sandboxes.Select(s => s.SandboxId).Distinct());
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Runtime.StartContainerAsync(Container("a", 0, "echo said; sleep 600"), Token)));
        Assert.Equal(ContainerState.Running, Assert.Single((await Runtime.FindAsync(_uid, Token))!.Containers).State);
        Assert.Equal("said\n", await LogUntilAsync("said\n"));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Runtime.RemovePodAsync(_uid, TimeSpan.Zero, Token)));
        Assert.Null(await Runtime.FindAsync(_uid, Token));
    }

    [Fact]
    public async Task The_host_has_processors_and_memory()
    {
        var info = await Runtime.InfoAsync(Token);
        Assert.True(info.Cpus > 0 && info.MemoryBytes > 0 && info.DiskBytes > 0, info.ToString());
    }

    private static long Cpu(RuntimeStats stats, string container) => stats.Containers.Single(c => c.Name == container).Counters.CpuNanoseconds;

    // The annotations are for the simulated runtime: in the real one "busy" is.
    private protected KubeObject Pod() => KubeObject.From(PodDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "contract",
            ["namespace"] = "default",
            ["uid"] = _uid,
            ["annotations"] = new JsonObject { ["simulation.orchestrator.io/cpu"] = "1m", ["cpu.simulation.orchestrator.io/busy"] = "1" },
        },
    });

    private protected string Uid => _uid;

    private protected SandboxLaunch Sandbox() => new(_uid, "default", "contract", "contract", false, []);

    private protected ContainerLaunch Container(string name, int attempt, string script) =>
        new(_uid, "default", "contract", name, attempt, Kit.SampleImage.First, ["sh", "-c"], [script], [], null, []);

    /// <summary>Waits for an attempt's end by the runtime's own news.</summary>
    private protected async Task<RuntimeContainerStatus> EndAsync(Func<Task> start, string name, int attempt)
    {
        await foreach (var uid in Runtime.ChangesAsync(Token))
        {
            if (uid.Length == 0)
            {
                await start();
            }

            if ((await Runtime.FindAsync(_uid, Token))!.Containers.FirstOrDefault(c => c.Name == name && c.Attempt == attempt) is { State: ContainerState.Exited } ended)
            {
                return ended;
            }
        }

        throw new InvalidOperationException("The stream ended before the container did.");
    }

    private async Task<string> LogAsync(LogOptions options)
    {
        var log = new StringBuilder();
        await foreach (var piece in Runtime.LogsAsync(_uid, "a", options, Token))
        {
            log.Append(Encoding.UTF8.GetString(piece.Span));
        }

        return log.ToString();
    }

    // A log is written by another process: followed until it has the text.
    private async Task<string> LogUntilAsync(string text)
    {
        var log = new StringBuilder();
        await foreach (var piece in Runtime.LogsAsync(_uid, "a", new LogOptions(Follow: true), Token))
        {
            log.Append(Encoding.UTF8.GetString(piece.Span));
            if (log.ToString().Contains(text, StringComparison.Ordinal))
            {
                break;
            }
        }

        return log.ToString();
    }
}
