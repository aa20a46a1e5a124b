using System.Globalization;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Simulated;

/// <summary>A pod in memory.</summary>
internal sealed class SimulatedPod(SandboxLaunch sandbox)
{
    private readonly List<SimulatedContainer> _containers = [];
    private SimulatedLoad? _load;
    private string? _address;
    private int _sandboxes;

    public string Uid => sandbox.PodUid;

    /// <summary>Whether its sandbox runs.</summary>
    public bool HasSandbox
    {
        get
        {
            lock (_containers)
            {
                return _address is not null;
            }
        }
    }

    private string SandboxId => string.Create(CultureInfo.InvariantCulture, $"{Uid}-sandbox-{_sandboxes}");

    public RuntimePodStatus Status()
    {
        lock (_containers)
        {
            return new RuntimePodStatus(sandbox.PodUid, sandbox.Namespace, sandbox.Name, _address, _address is not null, [.. _containers.Select(c => c.Status())], SandboxId);
        }
    }

    /// <summary>Creates a sandbox with a new address, unless one runs.</summary>
    public RuntimePodStatus Ensure(Func<string> address)
    {
        lock (_containers)
        {
            if (_address is null)
            {
                (_address, _sandboxes) = (address(), _sandboxes + 1);
            }

            return Status();
        }
    }

    /// <summary>Stops the sandbox.</summary>
    public void StopSandbox()
    {
        lock (_containers)
        {
            _address = null;
        }
    }

    /// <summary>What its running containers have used until now. Since the last call they used what the pod says now.</summary>
    public IReadOnlyList<ContainerStats> Stats(KubeObject pod, DateTimeOffset now)
    {
        lock (_containers)
        {
            var load = _load = _load?.Revision == pod.Revision ? _load : SimulatedLoad.Of(pod);
            return [.. _containers.Where(c => c.FinishedAt is null).Select(c => c.Use(load, now))];
        }
    }

    public bool Has(string container, int attempt)
    {
        lock (_containers)
        {
            return _containers.Exists(c => c.Launch.Name == container && c.Launch.Attempt == attempt);
        }
    }

    public bool HasRunning(string? container)
    {
        lock (_containers)
        {
            return _containers.Exists(c => c.FinishedAt is null && (container is null || c.Launch.Name == container));
        }
    }

    /// <summary>The attempt whose log is asked for.</summary>
    public SimulatedContainer? Find(string container, LogOptions options)
    {
        lock (_containers)
        {
            var attempts = _containers.Where(c => c.Launch.Name == container).OrderByDescending(c => c.Launch.Attempt).ToList();
            return options.ContainerId is { } id ? attempts.Find(c => c.Id == id) : attempts.ElementAtOrDefault(options.IsPrevious ? 1 : 0);
        }
    }

    /// <summary>Starts an attempt of a container; null if somebody else has meanwhile.</summary>
    public SimulatedContainer? Start(ContainerLaunch launch, SimulatedScript script, DateTimeOffset now)
    {
        lock (_containers)
        {
            if (Has(launch.Name, launch.Attempt))
            {
                return null;
            }

            _containers.RemoveAll(c => c.Launch.Name == launch.Name && c.Launch.Attempt < launch.Attempt - 1);
            var life = new SimulatedContainer(launch, script, SandboxId, now);
            _containers.Add(life);
            return life;
        }
    }

    public void Resize(string container, ContainerResources resources)
    {
        lock (_containers)
        {
            foreach (var life in _containers.Where(c => c.FinishedAt is null && c.Launch.Name == container))
            {
                life.Resources = resources;
            }
        }
    }

    public bool Stop(string? container, int? exitCode, DateTimeOffset now)
    {
        lock (_containers)
        {
            var isAny = false;
            foreach (var life in _containers.Where(c => container is null || c.Launch.Name == container))
            {
                isAny |= life.End(exitCode ?? life.StopCode, now);
            }

            return isAny;
        }
    }

    public bool End(SimulatedContainer life, int exitCode, DateTimeOffset now)
    {
        lock (_containers)
        {
            return life.End(exitCode, now);
        }
    }
}

/// <summary>One attempt of a container in memory.</summary>
internal sealed class SimulatedContainer(ContainerLaunch launch, SimulatedScript script, string sandbox, DateTimeOffset startedAt)
{
    private int _exitCode;
    private (DateTimeOffset At, long CpuNanoseconds) _used = (startedAt, 0);

    public ContainerLaunch Launch => launch;

    public string Output => script.Output;

    public int StopCode => script.StopCode;

    /// <summary>CPU and memory that it has.</summary>
    public ContainerResources? Resources { get; set; } = launch.Resources;

    public DateTimeOffset StartedAt => startedAt;

    public DateTimeOffset? FinishedAt { get; private set; }

    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool End(int exitCode, DateTimeOffset now)
    {
        if (FinishedAt is not null)
        {
            return false;
        }

        (_exitCode, FinishedAt) = (exitCode, now);
        Ended.TrySetResult();
        return true;
    }

    public ContainerStats Use(SimulatedLoad load, DateTimeOffset now)
    {
        // In a tick of 100 ns, a thousandth of a core uses a tenth of a nanosecond.
        var ticks = Math.Max(0, (now - _used.At).Ticks);
        _used = (now, _used.CpuNanoseconds + (load.MilliCpu(launch.Name) * ticks / 10));
        return new ContainerStats(launch.PodUid, launch.Name, Id, new ResourceCounters(now, startedAt, _used.CpuNanoseconds, load.MemoryBytes(launch.Name)));
    }

    public string Id => $"{launch.PodUid}-{launch.Name}-{launch.Attempt}";

    public RuntimeContainerStatus Status() => new(launch.Name, Id, launch.Attempt,
        FinishedAt is null ? ContainerState.Running : ContainerState.Exited, launch.Image, $"simulated:{launch.Image}", script.WhyNot is null ? startedAt : null, FinishedAt, _exitCode, false,
        script.WhyNot, sandbox, script.WhyNot is null ? null : RuntimeContainerStatus.CannotRun, Resources, launch.Resources);
}
