using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Tests.Agent;

/// <summary>A runtime whose containers live and end as a spec says. It remembers what it was asked, fails as it is told, and holds calls back.</summary>
internal sealed class FakeRuntime(TimeProvider time) : IContainerRuntime
{
    private readonly ConcurrentDictionary<string, RuntimePodStatus> _pods = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private readonly ConcurrentQueue<string> _calls = new();

    public bool HasNetwork { get; init; }

    public string Address => "fake";

    /// <summary>What was asked, in its order: <c>start main 0</c>, <c>stop main 30</c>, …</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Whether it takes changes of resources and makes none.</summary>
    public bool DiscardsResources { get; init; }

    /// <summary>What a call throws; null for nothing.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    /// <summary>What a command in a container comes to.</summary>
    public Func<string, (int? ExitCode, string Output)> Exec { get; set; } = _ => (0, "");

    /// <summary>Calls that begin so wait until <see cref="Release"/>.</summary>
    public void Hold(string call) => _held[call] = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string call)
    {
        if (_held.TryRemove(call, out var held))
        {
            held.TrySetResult();
        }
    }

    /// <summary>A pod that was made before.</summary>
    public void Put(RuntimePodStatus pod) => _pods[pod.Uid] = pod;

    /// <summary>Ends the running attempt of a container.</summary>
    public void End(string podUid, string container, int exitCode) => Change(podUid, pod => pod with
    {
        Containers = [.. pod.Containers.Select(c => c.Name == container && c.State == ContainerState.Running
            ? c with { State = ContainerState.Exited, ExitCode = exitCode, FinishedAt = time.GetUtcNow() }
            : c)],
    });

    public Task PingAsync(CancellationToken cancellation) => EnterAsync("ping", cancellation);

    public Task<RuntimeInfo> InfoAsync(CancellationToken cancellation) => Task.FromResult(new RuntimeInfo("fake", "1", "1", "fake", 4, 1L << 30, 1L << 40));

    public Task<IReadOnlyList<RuntimePodStatus>> ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RuntimePodStatus>>([.. _pods.Values]);

    public async Task<RuntimePodStatus?> FindAsync(string podUid, CancellationToken cancellation)
    {
        await EnterAsync("find", cancellation);
        return _pods.GetValueOrDefault(podUid);
    }

    public async Task<bool> EnsureImageAsync(string image, string policy, ImmutableArray<RegistryLogin> logins, CancellationToken cancellation)
    {
        await EnterAsync($"image {image} {policy}", cancellation);
        return false;
    }

    public Task<string> ImageUserAsync(string image, CancellationToken cancellation) => Task.FromResult("");

    public async Task<RuntimePodStatus> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation)
    {
        await EnterAsync("sandbox", cancellation);
        return _pods.GetOrAdd(sandbox.PodUid, uid => new RuntimePodStatus(uid, sandbox.Namespace, sandbox.Name, "10.0.0.1", true, []));
    }

    public async Task StopSandboxAsync(string podUid, CancellationToken cancellation)
    {
        await EnterAsync("stop sandbox", cancellation);
        Change(podUid, pod => pod with { IsSandboxRunning = false, Ip = null });
    }

    public async Task<RuntimeContainerStatus?> StartContainerAsync(ContainerLaunch container, CancellationToken cancellation)
    {
        await EnterAsync($"start {container.Name} {container.Attempt}", cancellation);
        Change(container.PodUid, pod => pod with
        {
            Containers = pod.Containers.Add(new RuntimeContainerStatus(container.Name, $"{container.Name}-{container.Attempt}", container.Attempt, ContainerState.Running,
                container.Image, "id", time.GetUtcNow(), null, 0, false, Resources: container.Resources, Created: container.Resources)),
        });
        return null;
    }

    public async Task ResizeContainerAsync(string podUid, string container, ContainerResources resources, CancellationToken cancellation)
    {
        await EnterAsync($"resize {container}", cancellation);
        if (!DiscardsResources)
        {
            Change(podUid, pod => pod with { Containers = [.. pod.Containers.Select(c => c.Name == container && c.State == ContainerState.Running ? c with { Resources = resources } : c)] });
        }
    }

    public async Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation)
    {
        await EnterAsync($"stop {container} {grace.TotalSeconds:0}", cancellation);
        End(podUid, container, 143);
    }

    public async Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation)
    {
        await EnterAsync($"remove {grace.TotalSeconds:0}", cancellation);
        _pods.TryRemove(podUid, out _);
    }

    public async Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation)
    {
        var call = $"exec {container} {string.Join(' ', command)}";
        await EnterAsync(call, cancellation);
        return Exec(call);
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await EnterAsync($"logs {container}", cancellation);
        yield break;
    }

    public async IAsyncEnumerable<string> ChangesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return "";
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    public Task<IReadOnlyList<RuntimeImage>> ImagesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RuntimeImage>>([]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Change(string podUid, Func<RuntimePodStatus, RuntimePodStatus> change) =>
        _pods.AddOrUpdate(podUid, uid => throw new InvalidOperationException($"pod {uid} has no sandbox"), (_, pod) => change(pod));

    private async Task EnterAsync(string call, CancellationToken cancellation)
    {
        _calls.Enqueue(call);
        if (Fault(call) is { } fault)
        {
            throw fault;
        }

        if (_held.FirstOrDefault(h => call.StartsWith(h.Key, StringComparison.Ordinal)).Value is { } held)
        {
            await held.Task.WaitAsync(cancellation);
        }
    }
}
