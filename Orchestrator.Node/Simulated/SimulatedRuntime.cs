using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Simulated;

/// <summary>Runs pods in memory, for test clusters that are larger than the host. Has the same contract as the Docker runtime.</summary>
/// <param name="index">Number of the node; part of pod IPs.</param>
/// <param name="options">Behaviour of containers.</param>
/// <param name="time">The clock.</param>
internal sealed class SimulatedRuntime(int index, SimulationOptions options, TimeProvider time) : IContainerRuntime, IContainerStats
{
    private static readonly RuntimeInfo Info = new("simulated", "1.0", "simulated", "Simulated", 32, 64L << 30, 1L << 40);
    private readonly ConcurrentDictionary<string, SimulatedPod> _pods = new();
    private readonly ConcurrentDictionary<Channel<string>, bool> _listeners = new();
    private readonly Lock _gate = new();
    private readonly Random _random = new(HashCode.Combine(options.Seed, index));
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private Dictionary<string, long> _counted = [];
    private long _cpu;
    private int _addresses;

    public bool HasNetwork => false;

    public bool KeepsContainers => false;

    public string Address => "memory";

    public Task PingAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task<RuntimeInfo> InfoAsync(CancellationToken cancellation) => Task.FromResult(Info);

    public Task<IReadOnlyList<RuntimePodStatus>> ListAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<RuntimePodStatus>>([.. _pods.Values.Select(p => p.Status())]);

    public Task<RuntimePodStatus?> FindAsync(string podUid, CancellationToken cancellation) =>
        Task.FromResult(_pods.TryGetValue(podUid, out var pod) ? pod.Status() : null);

    public Task<RuntimeStats> StatsAsync(IReadOnlyCollection<KubeObject> pods, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        ImmutableArray<ContainerStats> stats = [.. pods.SelectMany(p => _pods.TryGetValue(p.Uid, out var pod) ? pod.Stats(p, now) : [])];

        // Containers that ended no longer count, so the time of the host is a sum of its own.
        lock (_gate)
        {
            foreach (var container in stats)
            {
                _cpu += container.Counters.CpuNanoseconds - _counted.GetValueOrDefault(container.Id);
            }

            _counted = stats.ToDictionary(c => c.Id, c => c.Counters.CpuNanoseconds);
            return Task.FromResult(new RuntimeStats(new ResourceCounters(now, _startedAt, _cpu, stats.Sum(c => c.Counters.WorkingSetBytes)), stats));
        }
    }

    public Task<bool> EnsureImageAsync(string image, string policy, ImmutableArray<RegistryLogin> logins, CancellationToken cancellation) => Task.FromResult(false);

    public Task<string> ImageUserAsync(string image, CancellationToken cancellation) => Task.FromResult("65532");

    public Task<RuntimePodStatus> EnsureSandboxAsync(SandboxLaunch sandbox, CancellationToken cancellation) =>
        Task.FromResult(_pods.GetOrAdd(sandbox.PodUid, _ => new SimulatedPod(sandbox)).Ensure(() => IpOf(Interlocked.Increment(ref _addresses))));

    public Task StopSandboxAsync(string podUid, CancellationToken cancellation)
    {
        _pods.GetValueOrDefault(podUid)?.StopSandbox();
        return Task.CompletedTask;
    }

    public Task ResizeContainerAsync(string podUid, string container, ContainerResources resources, CancellationToken cancellation)
    {
        _pods.GetValueOrDefault(podUid)?.Resize(container, resources);
        return Task.CompletedTask;
    }

    public async Task<RuntimeContainerStatus?> StartContainerAsync(ContainerLaunch container, CancellationToken cancellation)
    {
        var pod = _pods.GetValueOrDefault(container.PodUid) is { HasSandbox: true } made ? made
            : throw new ContainerRefusedException("CreateContainerError", $"the sandbox of pod {container.PodName} does not exist");
        if (pod.Has(container.Name, container.Attempt))
        {
            return null;
        }

        if (options.StartDelay > TimeSpan.Zero)
        {
            await Task.Delay(options.StartDelay, time, cancellation).ConfigureAwait(false);
        }

        var script = Chance(options.FailureRate) ? SimulatedScript.Refused(128, "a simulated failure") : SimulatedScript.Parse([.. container.Command, .. container.Args]);
        if (script.RunsFor is null && Chance(options.CrashRate))
        {
            script = script with { RunsFor = TimeSpan.FromSeconds(10 * Fraction()), ExitCode = 1 };
        }

        if (pod.Start(container, script, time.GetUtcNow()) is not { } life)
        {
            return null;
        }

        var isRefused = script.WhyNot is not null && pod.End(life, script.ExitCode, time.GetUtcNow());
        Tell(container.PodUid);
        if (!isRefused && script.RunsFor is { } span)
        {
            _ = EndLaterAsync(pod, life, span, script.ExitCode);
        }

        return null;
    }

    public Task StopContainerAsync(string podUid, string container, TimeSpan grace, CancellationToken cancellation) =>
        _pods.TryGetValue(podUid, out var pod) ? StopAsync(pod, container, grace, cancellation) : Task.CompletedTask;

    public async Task RemovePodAsync(string podUid, TimeSpan grace, CancellationToken cancellation)
    {
        if (_pods.TryGetValue(podUid, out var pod))
        {
            await StopAsync(pod, null, grace, cancellation).ConfigureAwait(false);
            _pods.TryRemove(podUid, out _);
        }
    }

    public Task<(int? ExitCode, string Output)> ExecAsync(string podUid, string container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation)
    {
        if (_pods.GetValueOrDefault(podUid)?.HasRunning(container) != true)
        {
            throw new ContainerRefusedException("ExecError", $"container {container} is not running");
        }

        var script = SimulatedScript.Parse([.. command]);
        return Task.FromResult<(int?, string)>(script.RunsFor > timeout ? (null, "") : (script.ExitCode, script.Output));
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> LogsAsync(string podUid, string container, LogOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var life = _pods.GetValueOrDefault(podUid)?.Find(container, options);
        if (life is null)
        {
            throw new KeyNotFoundException(options.IsPrevious
                ? $"previous terminated container \"{container}\" not found"
                : $"container \"{container}\" has not started");
        }

        var lines = life.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).AsEnumerable();
        if (options.TailLines is { } tail)
        {
            lines = lines.TakeLast((int)Math.Min(tail, int.MaxValue));
        }

        var text = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => options.HasTimestamps ? $"{life.StartedAt:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'} {line}\n" : line + "\n")));
        yield return text.AsMemory(0, (int)Math.Min(text.Length, options.LimitBytes ?? long.MaxValue));

        if (options.Follow)
        {
            await life.Ended.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public async IAsyncEnumerable<string> ChangesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateUnbounded<string>();
        _listeners[channel] = true;
        try
        {
            yield return "";
            await foreach (var uid in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return uid;
            }
        }
        finally
        {
            _listeners.TryRemove(channel, out _);
        }
    }

    public Task<IReadOnlyList<RuntimeImage>> ImagesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<RuntimeImage>>([]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task StopAsync(SimulatedPod pod, string? container, TimeSpan grace, CancellationToken cancellation)
    {
        var delay = options.StopDelay < grace ? options.StopDelay : grace;
        if (delay > TimeSpan.Zero && pod.HasRunning(container))
        {
            await Task.Delay(delay, time, cancellation).ConfigureAwait(false);
        }

        if (pod.Stop(container, options.StopDelay > grace ? 137 : null, time.GetUtcNow()))
        {
            Tell(pod.Uid);
        }
    }

    private async Task EndLaterAsync(SimulatedPod pod, SimulatedContainer life, TimeSpan span, int exitCode)
    {
        await Task.Delay(span, time).ConfigureAwait(false);
        if (pod.End(life, exitCode, time.GetUtcNow()))
        {
            Tell(pod.Uid);
        }
    }

    private void Tell(string podUid)
    {
        foreach (var listener in _listeners.Keys)
        {
            listener.Writer.TryWrite(podUid);
        }
    }

    private bool Chance(double rate) => rate > 0 && Fraction() < rate;

    private double Fraction()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }

    private string IpOf(int number) => $"10.{100 + (index >> 8 & 0x3F)}.{index & 0xFF}.{1 + number % 254}";
}
