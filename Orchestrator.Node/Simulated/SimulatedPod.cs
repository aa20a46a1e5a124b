using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Simulated;

/// <summary>A pod in memory.</summary>
internal sealed class SimulatedPod(SandboxLaunch sandbox, string address)
{
    private readonly List<SimulatedContainer> _containers = [];

    public string Uid => sandbox.PodUid;

    public RuntimePodStatus Status()
    {
        lock (_containers)
        {
            return new RuntimePodStatus(sandbox.PodUid, sandbox.Namespace, sandbox.Name, address, true, [.. _containers.Select(c => c.Status())]);
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

    public SimulatedContainer? Find(string container, bool isPrevious)
    {
        lock (_containers)
        {
            var attempts = _containers.Where(c => c.Launch.Name == container).OrderByDescending(c => c.Launch.Attempt).ToList();
            return isPrevious ? attempts.ElementAtOrDefault(1) : attempts.FirstOrDefault();
        }
    }

    public SimulatedContainer Start(ContainerLaunch launch, string output, DateTimeOffset now)
    {
        lock (_containers)
        {
            _containers.RemoveAll(c => c.Launch.Name == launch.Name && c.Launch.Attempt < launch.Attempt - 1);
            var life = new SimulatedContainer(launch, output, now);
            _containers.Add(life);
            return life;
        }
    }

    public bool Stop(string? container, int exitCode, DateTimeOffset now)
    {
        lock (_containers)
        {
            var isAny = false;
            foreach (var life in _containers.Where(c => container is null || c.Launch.Name == container))
            {
                isAny |= life.End(exitCode, now);
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
internal sealed class SimulatedContainer(ContainerLaunch launch, string output, DateTimeOffset startedAt)
{
    private int _exitCode;

    public ContainerLaunch Launch => launch;

    public string Output => output;

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

    public RuntimeContainerStatus Status() => new(launch.Name, $"{launch.PodUid}-{launch.Name}-{launch.Attempt}", launch.Attempt,
        FinishedAt is null ? ContainerState.Running : ContainerState.Exited, launch.Image, $"simulated:{launch.Image}", startedAt, FinishedAt, _exitCode, false);
}
