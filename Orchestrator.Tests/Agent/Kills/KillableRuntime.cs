using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Tests.Agent.Kills;

/// <summary>One agent's connection to an engine that outlives it. Once the agent is dead, nothing that it asked is answered.</summary>
/// <param name="engine">The engine.</param>
/// <param name="runs">What ran in the engine: each start of a container and each command.</param>
/// <param name="point">When an agent is killed.</param>
/// <param name="life">The agent's life.</param>
internal sealed class KillableRuntime(IContainerRuntime engine, ConcurrentQueue<string> runs, KillPoint point, AgentLife life) : IContainerRuntime
{
    public bool HasNetwork => engine.HasNetwork;

    public bool KeepsContainers => true;

    public string Address => engine.Address;

    public Task PingAsync(CancellationToken cancellation) => life.IsOver ? NeverAsync<bool>() : engine.PingAsync(cancellation);

    public Task<RuntimeInfo> InfoAsync(CancellationToken cancellation) => CallAsync("info", () => engine.InfoAsync(cancellation));

    public Task<IReadOnlyList<RuntimePodStatus>> ListAsync(CancellationToken cancellation) => CallAsync("list", () => engine.ListAsync(cancellation));

    public Task<RuntimePodStatus?> FindAsync(string podUid, CancellationToken cancellation) => CallAsync("find", () => engine.FindAsync(podUid, cancellation));

    public Task<bool> EnsureImageAsync(string image, string policy, ImmutableArray<RegistryLogin> logins, CancellationToken cancellation) =>
        CallAsync($"image {image}", () => engine.EnsureImageAsync(image, policy, logins, cancellation));

    public Task<string> ImageUserAsync(string image, CancellationToken cancellation) => CallAsync("image user", () => engine.ImageUserAsync(image, cancellation));

    public Task<RuntimePodStatus> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation) => CallAsync("sandbox", async () =>
    {
        var before = await engine.FindAsync(sandbox.PodUid, cancellation);
        var after = await engine.EnsureSandboxAsync(sandbox, cancellation);
        if (before?.SandboxId != after.SandboxId)
        {
            runs.Enqueue("sandbox");
        }

        return after;
    });

    public Task StopSandboxAsync(string podUid, CancellationToken cancellation) => DoAsync("stop sandbox", () => engine.StopSandboxAsync(podUid, cancellation));

    public Task<RuntimeContainerStatus?> StartContainerAsync(ContainerLaunch container, CancellationToken cancellation) => CallAsync($"start {container.Name} {container.Attempt}", async () =>
    {
        var before = await engine.FindAsync(container.PodUid, cancellation);
        var started = await engine.StartContainerAsync(container, cancellation);
        if (before?.Containers.Any(c => c.Name == container.Name && c.Attempt == container.Attempt && c.State != ContainerState.Created) != true)
        {
            runs.Enqueue($"start {container.Name} {container.Attempt}");
        }

        return started;
    });

    public Task ResizeContainerAsync(string podUid, string container, ContainerResources resources, CancellationToken cancellation) =>
        DoAsync($"resize {container}", () => engine.ResizeContainerAsync(podUid, container, resources, cancellation));

    public Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation) =>
        DoAsync($"stop {container}", () => engine.StopContainerAsync(podUid, container, grace, cancellation));

    public Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation) => DoAsync("remove", () => engine.RemovePodAsync(podUid, grace, cancellation));

    public Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation) =>
        CallAsync($"exec {container}", async () =>
        {
            var ended = await engine.ExecAsync(podUid, container, command, timeout, cancellation);
            runs.Enqueue($"exec {container} {command[^1]}");
            return ended;
        });

    public IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, CancellationToken cancellation) =>
        engine.LogsAsync(podUid, container, options, cancellation);

    public async IAsyncEnumerable<string> ChangesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var uid in engine.ChangesAsync(cancellation))
        {
            point.Answered();
            yield return life.IsOver ? await NeverAsync<string>() : uid;
        }
    }

    public Task<IReadOnlyList<RuntimeImage>> ImagesAsync(CancellationToken cancellation) => CallAsync("images", () => engine.ImagesAsync(cancellation));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task DoAsync(string question, Func<Task> call) => CallAsync(question, async () =>
    {
        await call();
        return true;
    });

    private async Task<T> CallAsync<T>(string question, Func<Task<T>> call)
    {
        var (dies, arrives) = life.IsOver ? (true, false) : point.Ask(question);
        if (dies && !arrives)
        {
            life.End();
            return await NeverAsync<T>();
        }

        var answer = await call();
        point.Answered();
        if (dies)
        {
            life.End();
        }

        return life.IsOver ? await NeverAsync<T>() : answer;
    }

    private static Task<T> NeverAsync<T>() => new TaskCompletionSource<T>().Task;
}
