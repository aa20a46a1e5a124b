using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Simulation;

/// <summary>The containers of one node. They outlive the agent, and end with the machine.</summary>
internal sealed class SimulatedRuntime(World world, string node)
{
    private readonly SortedDictionary<string, RuntimePodStatus> _pods = new(StringComparer.Ordinal);

    private int _sandboxes;

    /// <summary>All pods.</summary>
    public IReadOnlyList<RuntimePodStatus> List() => [.. _pods.Values];

    /// <summary>A pod; null if it has neither sandbox nor container.</summary>
    public RuntimePodStatus? Find(string uid) => _pods.GetValueOrDefault(uid);

    /// <summary>Whether a container of a pod runs.</summary>
    public bool Runs(string uid) => Find(uid)?.Containers.Any(c => c.State == ContainerState.Running) == true;

    /// <summary>Creates the sandbox of a pod.</summary>
    public RuntimePodStatus EnsureSandbox(string uid, string ns, string name)
    {
        var pod = Find(uid) ?? new RuntimePodStatus(uid, ns, name, null, false, []);
        return pod.IsSandboxRunning ? pod : _pods[uid] = pod with { IsSandboxRunning = true, Ip = "10.0.0.1", SandboxId = $"sandbox-{++_sandboxes}" };
    }

    /// <summary>Stops the sandbox of a pod.</summary>
    public void StopSandbox(string uid)
    {
        if (Find(uid) is { } pod)
        {
            _pods[uid] = pod with { IsSandboxRunning = false, Ip = null };
        }
    }

    /// <summary>Starts an attempt of a container, unless it exists.</summary>
    public void Start(string uid, V1Container container, int attempt)
    {
        if (Find(uid) is not { IsSandboxRunning: true } pod)
        {
            throw new ContainerRefusedException("RunContainerError", "the pod has no sandbox");
        }

        if (pod.Containers.Any(c => c.Name == container.Name && c.Attempt == attempt))
        {
            return;
        }

        world.Invariants.Started(node, pod, container.Name, attempt);
        world.Trace.Note($"{node} starts {container.Name} {attempt} of {pod.Name} {uid}");
        var kept = pod.Containers.RemoveAll(c => c.Name == container.Name && c.Attempt < attempt - 1);
        _pods[uid] = pod with
        {
            Containers = kept.Add(new RuntimeContainerStatus(container.Name, $"{container.Name}-{attempt}", attempt, ContainerState.Running, container.Image, "id",
                world.Time.GetUtcNow(), null, 0, false, SandboxId: pod.SandboxId)),
        };
    }

    /// <summary>Ends the running attempt of a container.</summary>
    /// <returns>Whether one ran.</returns>
    public bool End(string uid, string container, int exitCode)
    {
        if (Find(uid) is not { } pod || !pod.Containers.Any(c => c.Name == container && c.State == ContainerState.Running))
        {
            return false;
        }

        world.Trace.Note($"{node} ends {container} of {pod.Name}");
        _pods[uid] = pod with { Containers = [.. pod.Containers.Select(c => c.Name == container ? Ended(c, exitCode) : c)] };
        return true;
    }

    /// <summary>Whether a container of a pod runs in a sandbox that is gone.</summary>
    public bool IsCutOff(string uid) => Find(uid) is { } pod && pod.Containers.Any(c => c.State == ContainerState.Running && !PodPlanner.IsConnected(pod, c));

    /// <summary>Somebody ends or removes the sandbox of a pod; its containers run on.</summary>
    public void LoseSandbox(string uid, bool isRemoved)
    {
        if (Find(uid) is { } pod)
        {
            _pods[uid] = pod with { IsSandboxRunning = false, Ip = null, SandboxId = isRemoved ? null : pod.SandboxId };
        }
    }

    /// <summary>Removes everything of a pod.</summary>
    public void Remove(string uid)
    {
        if (_pods.Remove(uid))
        {
            world.Trace.Note($"{node} removes {uid}");
        }
    }

    /// <summary>The machine fails: nothing runs any more.</summary>
    public void Fail()
    {
        foreach (var (uid, pod) in _pods.ToList())
        {
            _pods[uid] = pod with { IsSandboxRunning = false, Ip = null, Containers = [.. pod.Containers.Select(c => Ended(c, 137))] };
        }
    }

    private RuntimeContainerStatus Ended(RuntimeContainerStatus c, int exitCode) =>
        c.State == ContainerState.Running ? c with { State = ContainerState.Exited, ExitCode = exitCode, FinishedAt = world.Time.GetUtcNow() } : c;
}
