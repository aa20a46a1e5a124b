using Orchestrator.Actors.Kinds.Pods;
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

    /// <summary>Run the postStart hook of an attempt that was just started.</summary>
    internal sealed record PostStart(V1Container Container) : PodStep;

    /// <summary>Stop a container that a probe gave up; its restart policy then applies.</summary>
    internal sealed record Kill(V1Container Container, string Why) : PodStep;

    /// <summary>Stop the sidecars of a pod whose main containers have ended for good.</summary>
    internal sealed record StopSidecars : PodStep
    {
        public static readonly StopSidecars Instance = new();
    }
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

        if (IsOver(pod.Spec, seen))
        {
            return Running(pod.Spec.Sidecars(), seen).Any() ? PodStep.StopSidecars.Instance : PodStep.Rest.Instance;
        }

        if (seen is null || !seen.IsSandboxRunning)
        {
            return new PodStep.MakeSandbox();
        }

        DateTimeOffset? earliest = null;
        foreach (var (container, policy) in Due(pod.Spec, seen, memory))
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

    /// <summary>Whether all that a pod is for has ended for good; its sidecars may still run.</summary>
    public static bool IsOver(V1PodSpec spec, PodSeen? seen) => (spec.RestartPolicy ?? "Always") switch
    {
        "Always" => false,
        "Never" when spec.PlainInits().Any(c => Latest(seen, c.Name) is { State: ContainerState.Exited, ExitCode: not 0 }) => true,
        var policy => spec.Containers.All(c => Latest(seen, c.Name) is { State: ContainerState.Exited } last && (policy == "Never" || last.ExitCode == 0)),
    };

    /// <summary>Whether the main containers may start, or have been started before.</summary>
    public static bool IsInitialized(V1PodSpec spec, PodSeen? seen, PodMemory memory) =>
        spec.Containers.Any(c => HasRun(Latest(seen, c.Name), memory[c.Name]))
        || (spec.InitContainers ?? []).All(c => c.IsSidecar()
            ? IsStarted(c, Latest(seen, c.Name), memory[c.Name])
            : Latest(seen, c.Name) is { State: ContainerState.Exited, ExitCode: 0 });

    /// <summary>Whether a container was ever started, its postStart hook included.</summary>
    public static bool HasRun(ContainerSeen? last, ContainerMemory memory) =>
        last is { Attempt: > 0 } || (last is { State: not ContainerState.Created } && !IsHooked(last, memory));

    /// <summary>Whether a container runs whose postStart hook is not through: it counts as one that is still being made.</summary>
    public static bool IsHooked(ContainerSeen? last, ContainerMemory memory) => last is { State: ContainerState.Running } && memory.Hooked == last.Attempt;

    /// <summary>Whether a container runs, is through its postStart hook, and its startup probe, if it has one, has succeeded.</summary>
    public static bool IsStarted(V1Container container, ContainerSeen? last, ContainerMemory memory) =>
        last is { State: ContainerState.Running } && !IsHooked(last, memory) && (container.StartupProbe is null || (memory.Probes is { IsStarted: true } probes && probes.Attempt == last.Attempt));

    /// <summary>Those of some containers that run.</summary>
    public static IEnumerable<V1Container> Running(IEnumerable<V1Container> containers, PodSeen? seen) =>
        containers.Where(c => Latest(seen, c.Name) is { State: ContainerState.Running });

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

    // The containers whose turn has come, with what follows their end; the last of them is the one that the others wait for.
    private static IEnumerable<(V1Container Container, string Policy)> Due(V1PodSpec spec, PodSeen seen, PodMemory memory)
    {
        var policy = spec.RestartPolicy ?? "Always";
        var inits = spec.InitContainers ?? [];
        for (var i = 0; i < inits.Count; i++)
        {
            var (init, last) = (inits[i], Latest(seen, inits[i].Name));

            // What comes later was made already: nobody waits for this one again.
            var isPassed = inits.Skip(i + 1).Concat(spec.Containers).Any(later => Latest(seen, later.Name) is not null);
            if (init.IsSidecar())
            {
                yield return (init, "Always");
                if (!isPassed && !IsStarted(init, last, memory[init.Name]))
                {
                    yield break;
                }
            }
            else if (!isPassed && last is not { State: ContainerState.Exited, ExitCode: 0 })
            {
                yield return (init, policy == "Never" ? policy : "OnFailure");
                yield break;
            }
        }

        foreach (var container in spec.Containers)
        {
            yield return (container, policy);
        }
    }

    private static PodStep? Container(V1Container spec, ContainerSeen? last, string policy, ContainerMemory memory, DateTimeOffset now)
    {
        if (last is { State: ContainerState.Running })
        {
            if (IsHooked(last, memory))
            {
                return new PodStep.PostStart(spec);
            }

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
