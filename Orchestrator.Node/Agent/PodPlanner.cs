using k8s.Models;

namespace Orchestrator.Node.Agent;

/// <summary>The next thing to do for a pod.</summary>
internal abstract record PodStep
{
    /// <summary>All is as it should be.</summary>
    internal sealed record Rest : PodStep
    {
        public static readonly Rest Instance = new();
    }

    /// <summary>Nothing before a moment.</summary>
    internal sealed record WaitUntil(DateTimeOffset At) : PodStep;

    /// <summary>Make the sandbox.</summary>
    internal sealed record MakeSandbox : PodStep;

    /// <summary>Make a container's image present.</summary>
    internal sealed record FetchImage(V1Container Container) : PodStep;

    /// <summary>Start an attempt of a container.</summary>
    internal sealed record Start(V1Container Container, int Attempt) : PodStep;

    /// <summary>Stop a container that a probe gave up; its restart policy then applies.</summary>
    internal sealed record Kill(V1Container Container, string Why) : PodStep;
}

/// <summary>Compares a pod's spec with what the runtime shows. Pure.</summary>
internal static class PodPlanner
{
    /// <summary>Longest wait between restarts.</summary>
    public static readonly TimeSpan MaxBackOff = TimeSpan.FromMinutes(5);

    /// <summary>A run this long was not a crash: the count begins anew.</summary>
    public static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(10);

    /// <summary>The next step. A pod that must go is not asked here.</summary>
    public static PodStep Next(V1Pod pod, PodSeen? seen, PodMemory memory, DateTimeOffset now)
    {
        if (pod.Status?.Phase is "Succeeded" or "Failed")
        {
            return PodStep.Rest.Instance;
        }

        var policy = pod.Spec.RestartPolicy ?? "Always";
        if (seen is null || !seen.IsSandboxRunning)
        {
            var isOver = seen is not null && policy != "Always" && pod.Spec.Containers.All(c => Latest(seen, c.Name) is { State: ContainerState.Exited } last
                && (policy == "Never" || last.ExitCode == 0));
            return isOver ? PodStep.Rest.Instance : new PodStep.MakeSandbox();
        }

        foreach (var init in pod.Spec.InitContainers ?? [])
        {
            var last = Latest(seen, init.Name);
            if (last is { State: ContainerState.Exited, ExitCode: 0 })
            {
                continue;
            }

            if (last is { State: ContainerState.Exited } && policy == "Never")
            {
                return PodStep.Rest.Instance;
            }

            return Container(init, last, policy == "Always" ? "OnFailure" : policy, memory[init.Name], now) ?? PodStep.Rest.Instance;
        }

        DateTimeOffset? earliest = null;
        foreach (var container in pod.Spec.Containers)
        {
            switch (Container(container, Latest(seen, container.Name), policy, memory[container.Name], now))
            {
                case null:
                    break;
                case PodStep.WaitUntil wait:
                    earliest = earliest is { } e && e < wait.At ? e : wait.At;
                    break;
                case var step:
                    return step;
            }
        }

        return earliest is { } at ? new PodStep.WaitUntil(at) : PodStep.Rest.Instance;
    }

    /// <summary>The newest attempt of a container; null when it was never made.</summary>
    public static ContainerSeen? Latest(PodSeen? seen, string container) =>
        seen?.Containers.Where(c => c.Name == container).MaxBy(c => c.Attempt);

    /// <summary>Wait after the n-th crash in a row: none, 10 s, 20 s, … 5 min (Kubernetes, "Pod Lifecycle", restart policy).</summary>
    public static TimeSpan BackOff(int streak) => streak <= 1
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(MaxBackOff.Ticks, FirstBackOff.Ticks << Math.Min(streak - 2, 20)));

    /// <summary>Wait after the n-th failure in a row to fetch an image or to start a container: 10 s, 20 s, … 5 min.</summary>
    public static TimeSpan RetryDelay(int failures) => BackOff(failures + 1);

    /// <summary>Counts the runs that ended and are not counted yet.</summary>
    public static ContainerMemory Count(ContainerMemory memory, ContainerSeen last)
    {
        if (last.State != ContainerState.Exited || memory.CountedAttempt >= last.Attempt)
        {
            return memory;
        }

        // After a restart of the agent the restart count stands in for what was forgotten.
        var before = memory.Streak ?? last.Attempt;
        var wasLong = last.FinishedAt - last.StartedAt >= ResetAfter;
        return memory with { Streak = wasLong ? 1 : before + 1, CountedAttempt = last.Attempt };
    }

    private static PodStep? Container(V1Container spec, ContainerSeen? last, string policy, ContainerMemory memory, DateTimeOffset now)
    {
        if (last is { State: ContainerState.Running })
        {
            return memory.Probes is { KillReason: { } why } probes && probes.Attempt == last.Attempt ? new PodStep.Kill(spec, why) : null;
        }

        if (last is { State: ContainerState.Exited } && (policy == "Never" || (policy == "OnFailure" && last.ExitCode == 0)))
        {
            return null;
        }

        var ready = memory.NotBefore;
        if (last is { State: ContainerState.Exited, FinishedAt: { } finished })
        {
            var at = finished + BackOff(Count(memory, last).Streak ?? 1);
            ready = ready is { } r && r > at ? r : at;
        }

        if (ready > now)
        {
            return new PodStep.WaitUntil(ready.Value);
        }

        return memory.IsImagePresent
            ? new PodStep.Start(spec, last is { State: ContainerState.Exited } ? last.Attempt + 1 : last?.Attempt ?? 0)
            : new PodStep.FetchImage(spec);
    }
}
