using System.Collections.Immutable;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>What a step came to.</summary>
/// <param name="Seen">The pod as the runtime has it afterwards.</param>
/// <param name="Remember">What is known of its containers from now on.</param>
/// <param name="Notes">Kubernetes Events of it.</param>
internal sealed record StepOutcome(PodSeen? Seen, Func<PodMemory, PodMemory> Remember, ImmutableArray<EventNote> Notes);

/// <summary>Carries the planner's steps out on the runtime. A step that is cut short can be repeated.</summary>
internal sealed class PodSteps(AgentServices services, PodLauncher launcher, PodHooks hooks, PodStops stops)
{
    /// <summary>What a step without a container is called.</summary>
    public const string Sandbox = "sandbox";

    // The kubelet waits for ever; a hook that takes so long is lost anyway.
    private static readonly TimeSpan PostStartBound = TimeSpan.FromHours(1);

    /// <summary>The container that a step is about, or <see cref="Sandbox"/>.</summary>
    public static string About(PodStep step) => step switch
    {
        PodStep.FetchImage fetch => fetch.Container.Name,
        PodStep.Start start => start.Container.Name,
        PodStep.PostStart hook => hook.Container.Name,
        PodStep.Kill kill => kill.Container.Name,
        _ => Sandbox,
    };

    /// <summary>What is said of a step before it is taken.</summary>
    public static IEnumerable<EventNote> Announce(PodStep step, V1Pod pod, PodSeen? seen) => step switch
    {
        PodStep.Kill kill => [new EventNote("Normal", "Killing", $"Container {kill.Container.Name} {kill.Why}, will be restarted", "kubelet")],
        PodStep.StopSidecars => PodPlanner.Running(pod.Spec.Sidecars(), seen).Select(c => new EventNote("Normal", "Killing", $"Stopping container {c.Name}", "kubelet")),
        _ => [],
    };

    /// <summary>Looks what the runtime has of a pod.</summary>
    public async Task<StepOutcome> LookAsync(string uid, CancellationToken cancellation) =>
        new(await services.Runtime.FindAsync(uid, cancellation).ConfigureAwait(false), m => m, []);

    /// <summary>Runs one step; those that make processes only so many side by side.</summary>
    public Task<StepOutcome> RunAsync(V1Pod pod, PodSeen? seen, PodStep step, CancellationToken cancellation) => step switch
    {
        PodStep.MakeSandbox => GatedAsync(() => MakeSandboxAsync(pod, cancellation), cancellation),
        PodStep.Start start => GatedAsync(() => StartAsync(pod, seen, start, cancellation), cancellation),
        PodStep.FetchImage fetch => FetchAsync(seen, fetch.Container, cancellation),
        PodStep.PostStart hook => PostStartAsync(pod, seen, hook.Container, cancellation),
        PodStep.Kill kill => KillAsync(pod, seen, kill, cancellation),
        PodStep.StopSidecars => StopSidecarsAsync(pod, seen, cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "nothing to run"),
    };

    private async Task<StepOutcome> GatedAsync(Func<Task<StepOutcome>> step, CancellationToken cancellation)
    {
        await services.StartGate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await step().ConfigureAwait(false);
        }
        finally
        {
            services.StartGate.Release();
        }
    }

    private async Task<StepOutcome> MakeSandboxAsync(V1Pod pod, CancellationToken cancellation) =>
        new(await services.Runtime.EnsureSandboxAsync(PodLauncher.Sandbox(pod), cancellation).ConfigureAwait(false), m => m, []);

    private async Task<StepOutcome> FetchAsync(PodSeen? seen, V1Container container, CancellationToken cancellation)
    {
        var isPulled = await services.Runtime.EnsureImageAsync(container.Image, container.ImagePullPolicy ?? "IfNotPresent", cancellation).ConfigureAwait(false);
        var note = isPulled ? $"Successfully pulled image \"{container.Image}\"" : $"Container image \"{container.Image}\" already present on machine";
        return new StepOutcome(seen, m => m.With(container.Name, c => c with { IsImagePresent = true }), [new EventNote("Normal", "Pulled", note, "kubelet")]);
    }

    private async Task<StepOutcome> StartAsync(V1Pod pod, PodSeen? seen, PodStep.Start start, CancellationToken cancellation)
    {
        var name = start.Container.Name;
        var launch = await launcher.ContainerAsync(pod, start.Container, start.Attempt, seen?.Ip, services.Host(), cancellation).ConfigureAwait(false);
        await services.Runtime.StartContainerAsync(launch, cancellation).ConfigureAwait(false);
        var after = await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(after, m => m.With(name, c => c with { Waiting = null, NotBefore = null, Failures = 0, IsImagePresent = false, Probes = null, Hooked = start.Container.Lifecycle?.PostStart is null ? null : start.Attempt }),
            [new EventNote("Normal", "Created", $"Created container: {name}", "kubelet"), new EventNote("Normal", "Started", $"Started container {name}", "kubelet")]);
    }

    private async Task<StepOutcome> PostStartAsync(V1Pod pod, PodSeen? seen, V1Container container, CancellationToken cancellation)
    {
        ImmutableArray<EventNote> notes = [];
        if (await hooks.RunAsync(pod, container, container.Lifecycle.PostStart, services.AddressOf(pod, seen), PostStartBound, cancellation).ConfigureAwait(false) is { } why)
        {
            notes = [new EventNote("Warning", "FailedPostStartHook", $"PostStartHook failed: {why}", "kubelet"), new EventNote("Normal", "Killing", "FailedPostStartHook", "kubelet"),
                .. await stops.ContainerAsync(pod, seen, container, Grace(pod, null), cancellation).ConfigureAwait(false)];
        }

        var after = await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(after, m => m.With(container.Name, c => c with { Hooked = null }), notes);
    }

    private async Task<StepOutcome> KillAsync(V1Pod pod, PodSeen? seen, PodStep.Kill kill, CancellationToken cancellation)
    {
        var probe = kill.Why == ProbeOutcome.FailedStartup ? kill.Container.StartupProbe : kill.Container.LivenessProbe;
        var notes = await stops.ContainerAsync(pod, seen, kill.Container, Grace(pod, probe), cancellation).ConfigureAwait(false);
        var after = await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(after, m => m.With(kill.Container.Name, c => c with { Probes = null }), notes);
    }

    private async Task<StepOutcome> StopSidecarsAsync(V1Pod pod, PodSeen? seen, CancellationToken cancellation)
    {
        var notes = await stops.PodAsync(pod, seen, Grace(pod, null), cancellation).ConfigureAwait(false);
        return new StepOutcome(await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false), m => m, notes);
    }

    // A probe may have a grace of its own.
    private static TimeSpan Grace(V1Pod pod, V1Probe? probe) => TimeSpan.FromSeconds(probe?.TerminationGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 30);
}
