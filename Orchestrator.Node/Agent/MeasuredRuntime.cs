using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Images;

namespace Orchestrator.Node.Agent;

/// <summary>Counts and times the calls to a runtime. Streams are not measured.</summary>
internal sealed class MeasuredRuntime(IContainerRuntime runtime) : IContainerRuntime
{
    public bool HasNetwork => runtime.HasNetwork;

    public bool KeepsContainers => runtime.KeepsContainers;

    public string Address => runtime.Address;

    public Task PingAsync(CancellationToken cancellation) => MeasureAsync("status", async () =>
    {
        await runtime.PingAsync(cancellation).ConfigureAwait(false);
        return true;
    });

    public Task<RuntimeInfo> InfoAsync(CancellationToken cancellation) => MeasureAsync("version", () => runtime.InfoAsync(cancellation));

    public Task<IReadOnlyList<RuntimePodStatus>> ListAsync(CancellationToken cancellation) => MeasureAsync("list_podsandbox", () => runtime.ListAsync(cancellation));

    public Task<RuntimePodStatus?> FindAsync(string podUid, CancellationToken cancellation) =>
        MeasureAsync("podsandbox_status", () => runtime.FindAsync(podUid, cancellation));

    public Task<bool> EnsureImageAsync(string image, string policy, ImmutableArray<RegistryLogin> logins, CancellationToken cancellation) =>
        MeasureAsync("pull_image", () => runtime.EnsureImageAsync(image, policy, logins, cancellation));

    public Task<string> ImageUserAsync(string image, CancellationToken cancellation) => MeasureAsync("image_status", () => runtime.ImageUserAsync(image, cancellation));

    public Task<RuntimePodStatus> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation) =>
        MeasureAsync("run_podsandbox", () => runtime.EnsureSandboxAsync(sandbox, cancellation));

    public Task StopSandboxAsync(string podUid, CancellationToken cancellation) => MeasureAsync("stop_podsandbox", async () =>
    {
        await runtime.StopSandboxAsync(podUid, cancellation).ConfigureAwait(false);
        return true;
    });

    public Task<RuntimeContainerStatus?> StartContainerAsync(ContainerLaunch container, CancellationToken cancellation) =>
        MeasureAsync("start_container", () => runtime.StartContainerAsync(container, cancellation));

    public Task ResizeContainerAsync(string podUid, string container, ContainerResources resources, CancellationToken cancellation) => MeasureAsync("update_container_resources", async () =>
    {
        await runtime.ResizeContainerAsync(podUid, container, resources, cancellation).ConfigureAwait(false);
        return true;
    });

    public Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation) => MeasureAsync("stop_container", async () =>
    {
        await runtime.StopContainerAsync(podUid, container, grace, cancellation).ConfigureAwait(false);
        return true;
    });

    public Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation) => MeasureAsync("remove_podsandbox", async () =>
    {
        await runtime.RemovePodAsync(podUid, grace, cancellation).ConfigureAwait(false);
        return true;
    });

    public Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation) =>
        MeasureAsync("exec_sync", () => runtime.ExecAsync(podUid, container, command, timeout, cancellation));

    public IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, CancellationToken cancellation) =>
        runtime.LogsAsync(podUid, container, options, cancellation);

    public IAsyncEnumerable<string> ChangesAsync(CancellationToken cancellation) => runtime.ChangesAsync(cancellation);

    public Task<IReadOnlyList<RuntimeImage>> ImagesAsync(CancellationToken cancellation) => MeasureAsync("list_images", () => runtime.ImagesAsync(cancellation));

    public ValueTask DisposeAsync() => runtime.DisposeAsync();

    // Cancelled calls are not measured, because they say nothing about the runtime.
    internal static async Task<T> MeasureAsync<T>(string operation, Func<Task<T>> call)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var answer = await call().ConfigureAwait(false);
            AgentInstruments.Called(operation, Stopwatch.GetElapsedTime(start), hasFailed: false);
            return answer;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            AgentInstruments.Called(operation, Stopwatch.GetElapsedTime(start), hasFailed: true);
            throw;
        }
    }
}

/// <summary>Counts and times the passes over all containers, as <see cref="MeasuredRuntime"/> does the other calls.</summary>
internal sealed class MeasuredStats(IContainerStats stats) : IContainerStats
{
    public Task<RuntimeStats> StatsAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation) =>
        MeasuredRuntime.MeasureAsync("list_container_stats", () => stats.StatsAsync(pods, cancellation));
}
