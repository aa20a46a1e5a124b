using System.Globalization;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.KeptLogs;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Docker;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>The engine goes away, fails or falls silent in each request of each call of the runtime. The call says so as the agent expects, and when it is repeated the end is that of a call
/// that nothing happened to: nothing is made twice, nothing is left.</summary>
public sealed class EngineFaultSweepSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private const int AtOnce = 4;
    internal static readonly Call[] Calls =
    [
        new("ping", Reads, (r, _, t) => r.PingAsync(t)),
        new("info", Reads, (r, _, t) => r.InfoAsync(t)),
        new("images", Reads, (r, _, t) => r.ImagesAsync(t)),
        new("list", Reads, (r, _, t) => r.ListAsync(t)),
        new("find", Reads, (r, u, t) => r.FindAsync(u, t)),
        new("stats", Reads, (r, u, t) => ((IContainerStats)r).StatsAsync([Pod(u)], t)),
        new("image", Reads, (r, _, t) => r.EnsureImageAsync(SampleImage.First, "Always", [], t)),
        new("image user", Reads, (r, _, t) => r.ImageUserAsync(SampleImage.First, t)),
        new("exec", Reads, (r, u, t) => r.ExecAsync(u, "a", ["true"], Bound, t)),
        new("logs", Reads, async (r, u, t) =>
        {
            await foreach (var _ in r.LogsAsync(u, "b", new LogOptions(), t))
            {
            }
        }),
        new("changes", Reads, async (r, _, t) => await r.ChangesAsync(t).GetAsyncEnumerator(t).MoveNextAsync()),
        new("sandbox", [], (r, u, t) => r.EnsureSandboxAsync(Sandbox(u), t)),
        new("sandbox anew", ["sandbox", "stop sandbox"], (r, u, t) => r.EnsureSandboxAsync(Sandbox(u), t)),
        new("sandbox and its first container", [], async (r, u, t) =>
        {
            await r.EnsureSandboxAsync(Sandbox(u) with { First = (_, _) => Task.FromResult<ContainerLaunch?>(Container(u, "a", 0)) }, t);
            await r.StartContainerAsync(Container(u, "a", 0), t);
        }),
        new("start", ["sandbox"], (r, u, t) => r.StartContainerAsync(Container(u, "a", 0), t)),
        new("start of a third attempt", ["sandbox", "start a 0", "stop a", "start a 1", "stop a"], (r, u, t) => r.StartContainerAsync(Container(u, "a", 2), t)),
        new("resize", ["sandbox", "start a 0"], (r, u, t) => r.ResizeContainerAsync(u, "a", new ContainerResources(100, 200, 0, 64 << 20), t)),
        new("logs that are followed", Reads, async (r, u, t) =>
        {
            await foreach (var _ in r.LogsAsync(u, "b", new LogOptions(Follow: true), t))
            {
            }
        }),
        new("stop", ["sandbox", "start a 0"], (r, u, t) => r.StopContainerAsync(u, "a", TimeSpan.Zero, t)),
        new("stop of the sandbox", ["sandbox", "start a 0", "stop a"], (r, u, t) => r.StopSandboxAsync(u, t)),
        new("removal", ["sandbox", "start a 0", "start b 0"], (r, u, t) => r.RemovePodAsync(u, TimeSpan.Zero, t)),
    ];

    private readonly TempFolder _folder = new();
    private readonly string _node = $"sweep-{Guid.NewGuid():N}";
    private DockerRuntime _direct = null!;
    private KeptLogStore _kept = null!;

    private static string[] Reads => ["sandbox", "start a 0", "start b 0"];

    /// <summary>The calls.</summary>
    public static TheoryData<string> Names => [.. Calls.Select(c => c.Name)];

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        _kept = new KeptLogStore(_folder.File("kept"), new KeptLogSettings(TimeSpan.FromHours(1), 1 << 20, 1 << 20), TimeProvider.System);
        _direct = Runtime(Containers.Engine.AbsolutePath);
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll((await _direct.ListAsync(CancellationToken.None)).Select(p => _direct.RemovePodAsync(p.Uid, TimeSpan.Zero, CancellationToken.None)));
        await _direct.DisposeAsync();
        _folder.Dispose();
    }

    [Theory, MemberData(nameof(Names))]
    public async Task A_call_is_cut_off_in_each_of_its_requests_and_repeated(string name)
    {
        var call = Calls.Single(c => c.Name == name);

        // Undisturbed: how many requests there are, and what it comes to.
        var uid = await PrepareAsync(call);
        var (count, _) = await RunAsync(call, uid, -1, SocketFault.None);
        var end = await EndAsync(uid);
        Assert.True(count > 0, "It asks the engine for nothing.");
        SocketFault[] faults = [SocketFault.Cut, SocketFault.LoseAnswer, call.IsRead ? SocketFault.HalfAnswer : SocketFault.Hang, SocketFault.Fail];
        await Parallel.ForEachAsync(Enumerable.Range(0, count).SelectMany(at => faults.Select(f => (at, f))), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (t, _) =>
        {
            var pod = call.IsRead ? uid : await PrepareAsync(call);
            var (_, where) = await RunAsync(call, pod, t.at, t.f);
            if (!call.IsRead)
            {
                var other = await EndAsync(pod);
                Assert.True(end == other, $"{where}:\n{other}instead of\n{end}");
            }
        });
        Assert.Equal(end, await EndAsync(uid));
    }

    // What somebody else has made by the name that the container is to have is left alone, and named.
    [Theory]
    [InlineData("k8s_POD_sweep_default_{0}", "sandbox")]
    [InlineData("k8s_a_sweep_default_{0}_0", "start")]
    public async Task A_name_that_is_taken_is_said(string name, string call)
    {
        var uid = Guid.NewGuid().ToString();
        if (call == "start")
        {
            await _direct.EnsureSandboxAsync(Sandbox(uid), CancellationToken.None);
        }

        name = string.Format(CultureInfo.InvariantCulture, name, uid);
        var id = (await Command.RunAsync("docker", ["run", "-d", "--name", name, SampleImage.First, "sleep", "600"], Bound)).Succeeded().Trim();
        try
        {
            var refused = await Assert.ThrowsAsync<ContainerRefusedException>(() => Calls.Single(c => c.Name == call).Run(_direct, uid, CancellationToken.None));
            Assert.Contains($"the name {name} is taken by container {id[..12]}, which is not of this node: remove it", refused.Message, StringComparison.Ordinal);
            Assert.Equal("true", (await Command.RunAsync("docker", ["inspect", "-f", "{{.State.Running}}", id], Bound)).Succeeded().Trim());
        }
        finally
        {
            await Command.RunAsync("docker", ["rm", "-f", id], Bound);
        }
    }

    // With a fault in one of its requests, and then once more without.
    private async Task<(int Requests, string Where)> RunAsync(Call call, string uid, int at, SocketFault fault)
    {
        await using var socket = new FaultySocket(Containers.Engine.AbsolutePath);
        socket.Fault = (n, _) => n == at ? fault : SocketFault.None;
        await using var runtime = Runtime(socket.Path);
        using var stop = new CancellationTokenSource();
        var run = call.Run(runtime, uid, stop.Token);
        if (fault == SocketFault.Hang)
        {
            await Task.WhenAny(run, socket.Hung.WaitAsync(Bound));
            await stop.CancelAsync();
        }

        var outcome = await Record.ExceptionAsync(() => run.WaitAsync(Bound));
        var (count, where) = (socket.Requests.Count, $"{fault} at {socket.Requests.ElementAtOrDefault(at)}");
        Assert.True(outcome is null or RuntimeUnavailableException or ContainerRefusedException or ImageUnavailableException
            || (fault == SocketFault.Hang && outcome is OperationCanceledException), $"{where}: {outcome}");
        socket.Fault = (_, _) => SocketFault.None;
        if (at >= 0)
        {
            outcome = await Record.ExceptionAsync(() => call.Run(runtime, uid, CancellationToken.None).WaitAsync(Bound));
            Assert.True(outcome is null, $"{where}, and once more: {outcome}");
        }

        return (count, where);
    }

    private async Task<string> PrepareAsync(Call call)
    {
        var uid = Guid.NewGuid().ToString();
        foreach (var step in call.Before)
        {
            await (step.Split(' ') switch
            {
                ["sandbox"] => _direct.EnsureSandboxAsync(Sandbox(uid), CancellationToken.None),
                ["start", var container, var attempt] => _direct.StartContainerAsync(Container(uid, container, int.Parse(attempt, CultureInfo.InvariantCulture)), CancellationToken.None),
                ["stop", "sandbox"] => _direct.StopSandboxAsync(uid, CancellationToken.None),
                ["stop", var container] => _direct.StopContainerAsync(uid, container, TimeSpan.Zero, CancellationToken.None),
                _ => throw new ArgumentException(step),
            });
        }

        if (call.Before.Contains("start b 0"))
        {
            await Poll.UntilAsync(async () => (await _direct.FindAsync(uid, CancellationToken.None))!.Containers.Single(c => c.Name == "b").State == Node.Agent.ContainerState.Exited, Bound, () => "b has ended");
        }

        return uid;
    }

    // As another process sees it.
    private async Task<string> EndAsync(string uid)
    {
        await using var fresh = Runtime(Containers.Engine.AbsolutePath);
        if (await fresh.FindAsync(uid, CancellationToken.None) is not { } pod)
        {
            return "nothing\n";
        }

        var end = new System.Text.StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"sandbox {pod.IsSandboxRunning}");
        foreach (var c in pod.Containers.OrderBy(c => c.Name).ThenBy(c => c.Attempt))
        {
            end.AppendLine(CultureInfo.InvariantCulture, $"{c.Name} {c.Attempt} {c.State} {c.ExitCode} {c.SandboxId == pod.SandboxId} {c.Resources}");
        }

        return end.ToString();
    }

    private DockerRuntime Runtime(string socket) => DockerRuntime.At(new Uri($"unix://{socket}"), _node, _folder.Path, kept: _kept);

    private static SandboxLaunch Sandbox(string uid) => new(uid, "default", "sweep", "sweep", true, []);

    private static ContainerLaunch Container(string uid, string name, int attempt) => new(uid, "default", "sweep", name, attempt, SampleImage.First, ["sh", "-c"],
        [name == "a" ? "exec sleep 600" : "echo said; exit 3"], [], null, [], IsMessageFromLog: true);

    private static KubeObject Pod(string uid) => KubeObject.From(Actors.Kinds.Pods.PodDefinition.Instance, new System.Text.Json.Nodes.JsonObject
    {
        ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "sweep", ["namespace"] = "default", ["uid"] = uid },
    });

    internal sealed record Call(string Name, string[] Before, Func<IContainerRuntime, string, CancellationToken, Task> Run)
    {
        public bool IsRead => Before is [_, _, "start b 0"] && Name != "removal";
    }
}
