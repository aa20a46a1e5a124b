using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent;

/// <summary>The next action for a pod.</summary>
internal abstract record PodStep
{
    /// <summary>Nothing to do.</summary>
    internal sealed record Idle : PodStep
    {
        public static readonly Idle Instance = new();
    }

    /// <summary>Nothing to do before this time.</summary>
    internal sealed record WaitUntil(DateTimeOffset At) : PodStep;

    /// <summary>Create the sandbox.</summary>
    internal sealed record CreateSandbox : PodStep;

    /// <summary>Pull the image of a container.</summary>
    internal sealed record PullImage(V1Container Container) : PodStep;

    /// <summary>Start an attempt of a container.</summary>
    internal sealed record Start(V1Container Container, int Attempt) : PodStep;

    /// <summary>Run the postStart hook of an attempt that was just started.</summary>
    internal sealed record PostStart(V1Container Container) : PodStep;

    /// <summary>Ask the node for room for what running containers shall have.</summary>
    internal sealed record AskRoom(string Wanted) : PodStep;

    /// <summary>Give a running container other CPU and memory.</summary>
    internal sealed record Resize(V1Container Container) : PodStep;

    /// <summary>Write what has changed into the volumes of running containers.</summary>
    internal sealed record UpdateVolumes : PodStep;

    /// <summary>Stop a container that failed its liveness or startup probe; its restart policy then applies.</summary>
    internal sealed record Kill(V1Container Container, string Why) : PodStep;

    /// <summary>Stop all containers that run: of a pod that has failed or was failed from outside, sidecars of one whose main containers have ended for good,
    /// or containers whose sandbox is gone.</summary>
    /// <param name="IsSandboxGone">Whether they have lost their network, so that there is nothing to drain.</param>
    /// <param name="MaxGrace">The most time that they get; null for that of the pod's spec.</param>
    internal sealed record StopContainers(bool IsSandboxGone = false, TimeSpan? MaxGrace = null) : PodStep;

    /// <summary>Stop the sandbox of a pod that is over, which frees its address and ports.</summary>
    internal sealed record StopSandbox : PodStep;

    /// <summary>Remove what is left of a pod that has ended: containers with their logs, and volumes.</summary>
    internal sealed record ReleaseContent : PodStep;
}

/// <summary>Compares the spec of a pod with its observed status in the runtime and returns the next step. Pure.</summary>
internal static class PodPlanner
{
    /// <summary>Maximum back-off between restarts.</summary>
    public static readonly TimeSpan MaxBackOff = TimeSpan.FromMinutes(5);

    /// <summary>A container that ran this long resets its back-off.</summary>
    public static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(10);

    private const string DefinitionChanged = "definition changed";
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(10);

    /// <summary>The next step of a pod that is not being deleted.</summary>
    public static PodStep Next(PodManifest pod, RuntimePodStatus? observed, PodMemory memory, DateTimeOffset now)
    {
        // A phase that says so is final, whoever set it (Kubernetes, "Pod Lifecycle").
        if (pod.HasEnded || memory.Failure is not null || IsOver(pod.Spec, observed, memory))
        {
            return Running(pod.Spec.Possible(), observed).Any() ? new PodStep.StopContainers(MaxGrace: memory.Failure?.Grace)
                : observed is { IsSandboxRunning: true } ? new PodStep.StopSandbox()

                // Only once everybody can read that it has ended: until then an agent that starts anew would run it again.
                : pod.HasEnded && memory.Content == PodContent.Unwanted ? new PodStep.ReleaseContent()
                : PodStep.Idle.Instance;
        }

        // Kubernetes, "Pod Lifecycle": a container cannot change its sandbox, so all of them are stopped before there is a new one.
        if (Running(pod.Spec.Possible(), observed).Any(c => !IsConnected(observed, Latest(observed, c.Name))))
        {
            return new PodStep.StopContainers(IsSandboxGone: true);
        }

        if (observed is null || !observed.IsSandboxRunning)
        {
            return memory.SandboxNotBefore is { } notBefore && notBefore > now ? new PodStep.WaitUntil(notBefore) : new PodStep.CreateSandbox();
        }

        DateTimeOffset? earliest = null;
        foreach (var (container, policy) in EphemeralContainers.Of(pod.Spec).Select(c => (c, "Never")).Concat(Due(pod.Spec, observed, memory)))
        {
            switch (StartedAgain(pod.Spec, container, observed, memory, now) ?? Container(container, Latest(observed, container.Name), policy, memory[container.Name], now)
                ?? Resized(pod.Spec, container, observed, memory, now))
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

        // A container that starts gets the newest content anyway.
        if (memory.Sources > memory.Shown && Running(pod.Spec.Possible(), observed).Any())
        {
            return new PodStep.UpdateVolumes();
        }

        return earliest is { } at ? new PodStep.WaitUntil(at) : PodStep.Idle.Instance;
    }

    /// <summary>Whether all regular containers have ended and will not be restarted; sidecars may still run.</summary>
    public static bool IsOver(V1PodSpec spec, RuntimePodStatus? observed, PodMemory memory) => (spec.RestartPolicy ?? "Always") switch
    {
        "Always" => false,

        // What ran in a sandbox that is gone would have to start again.
        "Never" when observed is { IsSandboxRunning: false } && observed.Containers.Any(c => c.State == ContainerState.Exited) && !Running(spec.Possible(), observed).Any() => true,
        "Never" when spec.PlainInits().Any(c => Latest(observed, c.Name) is { State: ContainerState.Exited, ExitCode: not 0 }) => true,
        var policy => spec.Containers.All(c => Latest(observed, c.Name) is { State: ContainerState.Exited } last && (policy == "Never" || last.ExitCode == 0) && !PodResize.MayStartAgain(spec, c, observed, memory)),
    };

    /// <summary>Whether the init containers are done, or a main container has been started before.</summary>
    public static bool IsInitialized(V1PodSpec spec, RuntimePodStatus? observed, PodMemory memory) =>
        spec.Containers.Any(c => HasRun(Latest(observed, c.Name), memory[c.Name]))
        || (spec.InitContainers ?? []).All(c => IsComplete(c, observed, memory));

    /// <summary>Whether an init container has succeeded, or is a sidecar that has started.</summary>
    public static bool IsComplete(V1Container init, RuntimePodStatus? observed, PodMemory memory) => init.IsSidecar()
        ? IsStarted(init, Latest(observed, init.Name), memory[init.Name])
        : Latest(observed, init.Name) is { State: ContainerState.Exited, ExitCode: 0 };

    /// <summary>The container of a pod that starts first.</summary>
    public static V1Container First(V1PodSpec spec) => spec.InitContainers is [var init, ..] ? init : spec.Containers[0];

    /// <summary>Whether a container was ever started, its postStart hook included.</summary>
    public static bool HasRun(RuntimeContainerStatus? last, ContainerMemory memory) =>
        last is { Attempt: > 0 } || (last is { State: not ContainerState.Created } && !IsPostStartPending(last, memory));

    /// <summary>Whether a running container has not completed its postStart hook; it is reported as ContainerCreating until then.</summary>
    public static bool IsPostStartPending(RuntimeContainerStatus? last, ContainerMemory memory) => last is { State: ContainerState.Running } && memory.PostStartPending == last.Attempt;

    /// <summary>Whether a container runs, has completed its postStart hook, and has passed its startup probe if it has one.</summary>
    public static bool IsStarted(V1Container container, RuntimeContainerStatus? last, ContainerMemory memory) =>
        last is { State: ContainerState.Running } && !IsPostStartPending(last, memory) && (container.StartupProbe is null || (memory.Probes is { IsStarted: true } probes && probes.Attempt == last.Attempt));

    /// <summary>Whether a container was created in the sandbox that the pod has now.</summary>
    public static bool IsInSandbox(RuntimePodStatus? observed, RuntimeContainerStatus? last) => last is not null && last.SandboxId == observed?.SandboxId;

    /// <summary>Whether a container has the network of the pod: its sandbox is the pod's, and runs.</summary>
    public static bool IsConnected(RuntimePodStatus? observed, RuntimeContainerStatus? last) => observed is { IsSandboxRunning: true } && IsInSandbox(observed, last);

    /// <summary>Filters the containers that run.</summary>
    public static IEnumerable<V1Container> Running(IEnumerable<V1Container> containers, RuntimePodStatus? observed) =>
        containers.Where(c => Latest(observed, c.Name) is { State: ContainerState.Running });

    /// <summary>The newest attempt of a container; null if it was never created.</summary>
    public static RuntimeContainerStatus? Latest(RuntimePodStatus? observed, string? container) =>
        observed?.Containers.Where(c => c.Name == container).MaxBy(c => c.Attempt);

    /// <summary>Back-off after the n-th crash in a row: none, 10 s, 20 s, … 5 min (Kubernetes, "Pod Lifecycle", restart policy).</summary>
    public static TimeSpan BackOff(int streak) => streak <= 1
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(MaxBackOff.Ticks, FirstBackOff.Ticks << Math.Min(streak - 2, 20)));

    /// <summary>Delay after the n-th failure in a row to pull an image or to start a container: 10 s, 20 s, … 5 min.</summary>
    public static TimeSpan RetryDelay(int failures) => BackOff(failures + 1);

    /// <summary>Updates the crash count with attempts that exited and are not counted yet.</summary>
    public static ContainerMemory Count(ContainerMemory memory, RuntimeContainerStatus last)
    {
        if (last.State != ContainerState.Exited || memory.CountedAttempt >= last.Attempt)
        {
            return memory;
        }

        // After a restart of the agent, the restart count is used as the crash count.
        var before = memory.Streak ?? last.Attempt;
        var wasLong = last.FinishedAt - last.StartedAt >= ResetAfter;
        return memory with { Streak = wasLong ? 1 : before + 1, CountedAttempt = last.Attempt };
    }

    // The containers that may run now, with their effective restart policy. Containers after the last one wait for it. In a new sandbox the init
    // containers run again.
    private static IEnumerable<(V1Container Container, string Policy)> Due(V1PodSpec spec, RuntimePodStatus observed, PodMemory memory)
    {
        var policy = spec.RestartPolicy ?? "Always";
        var inits = spec.InitContainers ?? [];
        for (var i = 0; i < inits.Count; i++)
        {
            var (init, last) = (inits[i], Latest(observed, inits[i].Name));

            // A later container exists already, so nothing waits for this one any more.
            var isPassed = inits.Skip(i + 1).Concat(spec.Containers).Any(later => IsInSandbox(observed, Latest(observed, later.Name)));
            var isHere = IsInSandbox(observed, last);
            if (init.IsSidecar())
            {
                yield return (init, "Always");
                if (!isPassed && !IsStarted(init, last, memory[init.Name]))
                {
                    yield break;
                }
            }
            else if (!isPassed && !(isHere && last is { State: ContainerState.Exited, ExitCode: 0 }))
            {
                yield return (init, policy == "Never" ? policy : isHere ? "OnFailure" : "Always");
                yield break;
            }
        }

        foreach (var container in spec.Containers)
        {
            yield return (container, policy);
        }
    }

    // Nothing is changed before the node has answered, and nothing of a pod that it refused.
    private static PodStep? Resized(V1PodSpec spec, V1Container container, RuntimePodStatus observed, PodMemory memory, DateTimeOffset now)
    {
        if (Latest(observed, container.Name) is not { } last || !PodResize.IsOther(container, last) || PodResize.Wanted(spec, observed) is not { } wanted)
        {
            return null;
        }

        return memory.Resize?.Wanted != wanted ? new PodStep.AskRoom(wanted)
            : memory.Resize.Answer != ResizeAnswer.Granted ? null
            : PodResize.NeedsRestart(container, last) ? new PodStep.Kill(container, PodResize.Reason)
            : PodResize.Fault(container, memory) is { } fault && fault.NotBefore > now ? new PodStep.WaitUntil(fault.NotBefore)
            : new PodStep.Resize(container);
    }

    // It was stopped for its other resources and not because it failed, so neither its restart policy nor a back-off matters.
    private static PodStep? StartedAgain(V1PodSpec spec, V1Container container, RuntimePodStatus observed, PodMemory memory, DateTimeOffset now)
    {
        var last = Latest(observed, container.Name);
        if (!PodResize.MayStartAgain(spec, container, observed, memory) || PodResize.Wanted(spec, observed) is not { } wanted)
        {
            return null;
        }

        return memory.Resize?.Wanted != wanted ? new PodStep.AskRoom(wanted)
            : memory.Resize.Answer != ResizeAnswer.Granted ? null
            : Started(container, last, memory[container.Name], memory[container.Name].NotBefore, now);
    }

    private static PodStep? Container(V1Container spec, RuntimeContainerStatus? last, string policy, ContainerMemory memory, DateTimeOffset now)
    {
        if (last is { State: ContainerState.Running })
        {
            if (IsPostStartPending(last, memory))
            {
                return new PodStep.PostStart(spec);
            }

            // Kubernetes, "Pods": the image is one of the few fields that may change while a pod runs.
            if (policy == "Always" && last.Image != spec.Image)
            {
                return new PodStep.Kill(spec, DefinitionChanged);
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

        return Started(spec, last, memory, ready, now);
    }

    private static PodStep Started(V1Container spec, RuntimeContainerStatus? last, ContainerMemory memory, DateTimeOffset? ready, DateTimeOffset now) =>
        ready > now ? new PodStep.WaitUntil(ready.Value)
        : memory.IsImagePresent ? new PodStep.Start(spec, last is { State: ContainerState.Exited } ? last.Attempt + 1 : last?.Attempt ?? 0)
        : new PodStep.PullImage(spec);
}
