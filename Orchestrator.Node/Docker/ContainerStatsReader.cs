using System.Collections.Concurrent;
using Docker.DotNet;
using Docker.DotNet.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>Reads what containers use: one list call for all, then the kernel's files of each control group. A container whose group is not visible here, such as that of an engine
/// on another machine, costs a call of the engine's statistics instead.</summary>
/// <param name="docker">The engine.</param>
/// <param name="containers">Lists the containers.</param>
/// <param name="time">The clock.</param>
/// <param name="groupOf">The control group of a container by its process and its id; null if it is not visible.</param>
internal sealed class ContainerStatsReader(DockerClient docker, ContainerReader containers, TimeProvider time, Func<long, string, Cgroup?> groupOf)
{
    // Calls to the engine at the same time.
    private const int MaxParallelCalls = 8;
    private readonly ConcurrentDictionary<string, Known> _known = new();

    public async Task<RuntimeStats> ReadAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation)
    {
        var uids = pods.Select(p => p.Uid).ToHashSet();
        var running = (await containers.PresentAsync(null, cancellation).ConfigureAwait(false))
            .Where(c => c.State == "running" && !ContainerReader.IsSandbox(c) && uids.Contains(c.Labels[DockerLabels.PodUid])).ToList();
        var present = running.Select(c => c.ID).ToHashSet();
        foreach (var gone in _known.Keys.Where(id => !present.Contains(id)))
        {
            _known.TryRemove(gone, out _);
        }

        using var gate = new SemaphoreSlim(MaxParallelCalls);
        var stats = await Task.WhenAll(running.Select(async c => await CountersAsync(c.ID, gate, cancellation).ConfigureAwait(false) is { } counters
            ? Detailed(new ContainerStats(c.Labels[DockerLabels.PodUid], c.Labels[DockerLabels.Container], c.ID, counters)) : null)).ConfigureAwait(false);
        return new RuntimeStats(HostCounters.Read(time.GetUtcNow()), [.. stats.OfType<ContainerStats>()]);
    }

    private ContainerStats Detailed(ContainerStats stats) =>
        _known.TryGetValue(stats.Id, out var known) && known.Group is { } group ? stats with { Processes = group.ReadProcesses(), Memory = group.ReadMemory() } : stats;

    private async Task<ResourceCounters?> CountersAsync(string id, SemaphoreSlim gate, CancellationToken cancellation)
    {
        try
        {
            if (!_known.TryGetValue(id, out var known))
            {
                known = _known[id] = await GatedAsync(gate, () => FindAsync(id, cancellation), cancellation).ConfigureAwait(false);
            }

            return known.Group is not { } group ? await GatedAsync(gate, () => AskAsync(id, known.StartedAt, cancellation), cancellation).ConfigureAwait(false)
                : group.Read() is { } read ? new ResourceCounters(time.GetUtcNow(), known.StartedAt, read.CpuNanoseconds, read.WorkingSetBytes) : null;
        }
        catch (DockerApiException)
        {
            return null; // It has ended and is removed.
        }
    }

    private async Task<Known> FindAsync(string id, CancellationToken cancellation)
    {
        var facts = await EngineCalls.QueryAsync(token => docker.Containers.InspectContainerAsync(id, token), cancellation).ConfigureAwait(false);
        return new Known(groupOf(facts.State.Pid, id), ContainerReader.Time(facts.State.StartedAt) ?? time.GetUtcNow());
    }

    private async Task<ResourceCounters?> AskAsync(string id, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var answer = new Answer();
        await EngineCalls.QueryAsync(token => docker.Containers.GetContainerStatsAsync(id, new ContainerStatsParameters { Stream = false, OneShot = true }, answer, token), cancellation)
            .ConfigureAwait(false);
        if (answer.Stats is not { CPUStats.CPUUsage: { } cpu, MemoryStats: { Usage: > 0 } memory })
        {
            return null; // It has ended.
        }

        // total_inactive_file in version 1, inactive_file in version 2.
        var inactive = memory.Stats is { } kinds && (kinds.TryGetValue("total_inactive_file", out var bytes) || kinds.TryGetValue("inactive_file", out bytes)) ? bytes : 0;
        return new ResourceCounters(time.GetUtcNow(), startedAt, (long)cpu.TotalUsage, (long)(memory.Usage - Math.Min(memory.Usage, inactive)));
    }

    private static async Task<T> GatedAsync<T>(SemaphoreSlim gate, Func<Task<T>> call, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await call().ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    private sealed record Known(Cgroup? Group, DateTimeOffset StartedAt);

    // Keeps what the client library reports; its own Progress would call back on another thread, after the call.
    private sealed class Answer : IProgress<ContainerStatsResponse>
    {
        public ContainerStatsResponse? Stats { get; private set; }

        public void Report(ContainerStatsResponse value) => Stats = value;
    }
}
