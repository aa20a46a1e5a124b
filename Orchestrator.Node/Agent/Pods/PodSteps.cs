using System.Collections.Immutable;
using System.Diagnostics;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The outcome of a step.</summary>
/// <param name="Observed">Status of the pod in the runtime after the step.</param>
/// <param name="Remember">Updates the state that the agent keeps in memory.</param>
/// <param name="RecordedEvents">Kubernetes Events to record.</param>
internal sealed record StepOutcome(RuntimePodStatus? Observed, Func<PodMemory, PodMemory> Remember, ImmutableArray<RecordedEvent> RecordedEvents);

/// <summary>Runs the steps of the planner on the runtime. Steps are idempotent.</summary>
internal sealed class PodSteps(AgentServices services, PodLauncher launcher, PodHooks hooks, PodTermination termination)
{
    /// <summary>Subject of the step that creates the sandbox. No container has such a name, nor that of the next two.</summary>
    public const string Sandbox = "the sandbox";

    /// <summary>Subject of the step that brings the volumes up to date.</summary>
    public const string Volumes = "the volumes";

    /// <summary>Subject of the other steps that are not about a container.</summary>
    public const string Pod = "the pod";

    /// <summary>Maximum grace period of containers that have lost their network: the pod is down until they end. 5 s.</summary>
    public static readonly TimeSpan OffNetworkGrace = TimeSpan.FromSeconds(5);

    /// <summary>Time from one sandbox of a pod to the next. 5 s.</summary>
    public static readonly TimeSpan SandboxPause = TimeSpan.FromSeconds(5);

    private const string PullAlways = "Always";

    // What is slower than that does not hold up the sandbox, nor the pods that wait for the gate.
    private static readonly TimeSpan FirstBound = TimeSpan.FromSeconds(1);

    // The kubelet waits without a limit. The limit only ends hooks that hang.
    private static readonly TimeSpan PostStartBound = TimeSpan.FromHours(1);

    /// <summary>Returns the container that a step is about, or what else it is about.</summary>
    public static string About(PodStep step) => step switch
    {
        PodStep.PullImage fetch => fetch.Container.Name,
        PodStep.Start start => start.Container.Name,
        PodStep.PostStart hook => hook.Container.Name,
        PodStep.Resize resize => resize.Container.Name,
        PodStep.Kill kill => kill.Container.Name,
        PodStep.CreateSandbox => Sandbox,
        PodStep.UpdateVolumes => Volumes,
        _ => Pod,
    };

    /// <summary>Whether a step's subject is a container.</summary>
    public static bool IsContainer(string about) => about is not (Sandbox or Volumes or Pod);

    /// <summary>Returns the Events to record before a step.</summary>
    public static IEnumerable<RecordedEvent> Announce(PodStep step, PodManifest pod, RuntimePodStatus? observed) => step switch
    {
        PodStep.Kill kill => [new RecordedEvent("Normal", "Killing", $"Container {kill.Container.Name} {kill.Why}, will be restarted", "kubelet")],
        PodStep.StopContainers => PodPlanner.Running(pod.Spec.Possible(), observed).Select(c => new RecordedEvent("Normal", "Killing", $"Stopping container {c.Name}", "kubelet")),
        PodStep.CreateSandbox when observed is { Containers.IsEmpty: false } => [new RecordedEvent("Normal", "SandboxChanged", "The sandbox of the pod is gone; its containers start again in a new one", "kubelet")],
        _ => [],
    };

    /// <summary>Reads the status of a pod from the runtime.</summary>
    public Task<StepOutcome> LookAsync(string uid, CancellationToken cancellation) => MeasureAsync("look",
        async () => new(await services.Runtime.FindAsync(uid, cancellation).ConfigureAwait(false), m => m, []));

    /// <summary>Runs one step. The number of calls that start processes in parallel is limited.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="sources">The count of changes of what its volumes show, before the step.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellation">Cancels the step.</param>
    public Task<StepOutcome> RunAsync(PodManifest pod, RuntimePodStatus? observed, int sources, PodStep step, CancellationToken cancellation) => step switch
    {
        PodStep.CreateSandbox => MeasureAsync("create_sandbox", () => CreateSandboxAsync(pod, observed, cancellation)),
        PodStep.Start start => MeasureAsync("start_container", () => StartAsync(pod, observed, sources, start, cancellation)),
        PodStep.UpdateVolumes => MeasureAsync("update_volumes", () => UpdateVolumesAsync(pod, observed, sources, cancellation)),
        PodStep.Resize resize => MeasureAsync("resize_container", () => ResizeAsync(pod, resize.Container, cancellation)),
        PodStep.PullImage fetch => MeasureAsync("pull_image", () => PullImageAsync(pod, observed, fetch.Container, cancellation)),
        PodStep.PostStart hook => MeasureAsync("post_start", () => PostStartAsync(pod, observed, hook.Container, cancellation)),
        PodStep.Kill kill => MeasureAsync("kill_container", () => KillAsync(pod, observed, kill, cancellation)),
        PodStep.StopSandbox => MeasureAsync("stop_sandbox", () => StopSandboxAsync(pod, cancellation)),
        PodStep.ReleaseContent => MeasureAsync("release_content", () => ReleaseContentAsync(pod, cancellation)),
        PodStep.StopContainers stop => MeasureAsync("stop_containers", () => StopContainersAsync(pod, observed, stop, cancellation)),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "nothing to run"),
    };

    private static async Task<StepOutcome> MeasureAsync(string operation, Func<Task<StepOutcome>> step)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await step().ConfigureAwait(false);
        }
        finally
        {
            AgentInstruments.Stepped(operation, Stopwatch.GetElapsedTime(start));
        }
    }

    // Only what the runtime does. Volumes are provided before: a server that does not answer holds up its own pods and no others.
    private async Task<RuntimePodStatus?> GatedAsync(Func<Task<RuntimePodStatus?>> start, CancellationToken cancellation)
    {
        await services.StartGate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await start().ConfigureAwait(false);
        }
        finally
        {
            services.StartGate.Release();
        }
    }

    private async Task<StepOutcome> CreateSandboxAsync(PodManifest pod, RuntimePodStatus? observed, CancellationToken cancellation)
    {
        await launcher.MountAsync(pod, cancellation).ConfigureAwait(false);
        var first = observed is null && !(pod.Spec.Volumes ?? []).Any(VolumeManager.MayHang) ? PodPlanner.First(pod.Spec) : null;
        var sandbox = await launcher.SandboxAsync(pod, HostResolver, cancellation).ConfigureAwait(false) with
        {
            First = first is null || first.ImagePullPolicy == PullAlways ? null : (address, token) => FirstAsync(pod, first, address, token),
        };
        var after = await GatedAsync(async () => await services.Runtime.EnsureSandboxAsync(sandbox, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        var notBefore = services.Time.GetUtcNow() + SandboxPause;

        // The runtime makes no container without its image.
        return PodPlanner.Latest(after, first?.Name) is { State: ContainerState.Created }
            ? new StepOutcome(after, m => m.With(first!.Name, c => c with { IsImagePresent = true }) with { SandboxNotBefore = notBefore },
                [.. Missing((await launcher.LoginsAsync(pod, first!.Image, cancellation).ConfigureAwait(false)).Missing), Pulled(first, isPulled: false)])
            : new StepOutcome(after, m => m with { SandboxNotBefore = notBefore }, []);
    }

    private async Task<ContainerLaunch?> FirstAsync(PodManifest pod, V1Container first, string? address, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(FirstBound);
        try
        {
            return await launcher.ContainerAsync(pod, first, 0, address, services.Host(), bound.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever it is, the step that starts the container meets it again and tells it.
            return null;
        }
    }

    private static IEnumerable<RecordedEvent> Missing(IReadOnlyList<string> secrets) => secrets.Count == 0 ? []
        : [new("Warning", "FailedToRetrieveImagePullSecret", $"{Hint(secrets)}.", "kubelet")];

    private static string Hint(IReadOnlyList<string> secrets) => $"Unable to retrieve some image pull secrets ({string.Join(", ", secrets)}); attempting to pull the image may not succeed";

    private static RecordedEvent Pulled(V1Container container, bool isPulled) =>
        new("Normal", "Pulled", isPulled ? $"Successfully pulled image \"{container.Image}\"" : $"Container image \"{container.Image}\" already present on machine", "kubelet");

    private static string HostResolver()
    {
        // systemd-resolved listens at the loopback address alone and says elsewhere whom it asks.
        const string path = "/etc/resolv.conf", behind = "/run/systemd/resolve/resolv.conf";
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        return text.Contains("nameserver 127.0.0.53", StringComparison.Ordinal) && File.Exists(behind) ? File.ReadAllText(behind) : text;
    }

    private async Task<StepOutcome> PullImageAsync(PodManifest pod, RuntimePodStatus? observed, V1Container container, CancellationToken cancellation)
    {
        var (logins, missing) = await launcher.LoginsAsync(pod, container.Image, cancellation).ConfigureAwait(false);
        try
        {
            var isPulled = await services.Runtime.EnsureImageAsync(container.Image, container.ImagePullPolicy ?? "IfNotPresent", logins, cancellation).ConfigureAwait(false);
            return new StepOutcome(observed, m => m.With(container.Name, c => c with { IsImagePresent = true }), [.. Missing(missing), Pulled(container, isPulled)]);
        }
        catch (ImageUnavailableException e) when (missing.Count > 0)
        {
            throw new ImageUnavailableException(e.Reason, $"{e.Message}; {Hint(missing)}.");
        }
    }

    private async Task<StepOutcome> UpdateVolumesAsync(PodManifest pod, RuntimePodStatus? observed, int sources, CancellationToken cancellation)
    {
        var failures = await launcher.UpdateVolumesAsync(pod, observed?.Ip, cancellation).ConfigureAwait(false);
        return new StepOutcome(observed, m => m with { Shown = sources },
            [.. failures.Select(f => new RecordedEvent("Warning", "FailedMount", $"Volume {f.Volume} keeps its content: {f.Why}", "kubelet"))]);
    }

    private async Task<StepOutcome> StartAsync(PodManifest pod, RuntimePodStatus? observed, int sources, PodStep.Start start, CancellationToken cancellation)
    {
        var name = start.Container.Name;
        var launch = await launcher.ContainerAsync(pod, start.Container, start.Attempt, observed?.Ip, services.Host(), cancellation).ConfigureAwait(false);
        if (EphemeralContainers.TargetOf(pod.Spec, name) is { } target)
        {
            launch = launch with
            {
                ProcessesOf = PodPlanner.Latest(observed, target) is { State: ContainerState.Running } seen ? seen.Id
                    : throw new ContainerRefusedException("CreateContainerError", $"container {target}, whose processes it is to see, does not run"),
            };
        }

        await GuardAsync(pod, cancellation).ConfigureAwait(false);
        var after = await GatedAsync(
            async () =>
            {
                var started = await services.Runtime.StartContainerAsync(launch, cancellation).ConfigureAwait(false);
                return started is null || observed is null ? await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false)
                    : observed with { Containers = [.. observed.Containers.Where(c => (c.Name, c.Attempt) != (started.Name, started.Attempt)), started] };
            },
            cancellation).ConfigureAwait(false);
        return new StepOutcome(after, m => m.With(name, c => c with { Waiting = null, NotBefore = null, Failures = 0, IsImagePresent = false, Probes = null, PostStartPending = start.Container.Lifecycle?.PostStart is null ? null : start.Attempt }) with { Shown = sources },
            [new RecordedEvent("Normal", "Created", $"Created container: {name}", "kubelet"), Started(name, PodPlanner.Latest(after, name))]);
    }

    // Its first packet already meets the policies that there were when it was made.
    private async Task GuardAsync(PodManifest pod, CancellationToken cancellation)
    {
        try
        {
            await services.Policies.PassAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        }
        catch (NetworkException e)
        {
            throw new ContainerRefusedException("CreateContainerError", e.Message);
        }
    }

    private async Task<StepOutcome> ResizeAsync(PodManifest pod, V1Container container, CancellationToken cancellation)
    {
        string? refusal = null;
        try
        {
            await services.Runtime.ResizeContainerAsync(pod.Metadata.Uid, container.Name, ContainerResources.Of(container.Resources), cancellation).ConfigureAwait(false);
        }
        catch (ContainerRefusedException e)
        {
            // It runs on as it is.
            refusal = e.Message;
        }

        var after = await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        var (last, name) = (PodPlanner.Latest(after, container.Name), container.Name);
        return new StepOutcome(after, m => m.With(name, c => c with { Resize = PodResize.Outcome(container, last, refusal, c.Resize, now) }),
            [PodResize.Outcome(container, last, refusal, null, now) is { } fault ? new RecordedEvent("Warning", "Failed", $"Error: {fault.Message}", "kubelet")
                : new RecordedEvent("Normal", "ResizeCompleted", $"Container {name} has other resources without a restart", "kubelet")]);
    }

    private static RecordedEvent Started(string name, RuntimeContainerStatus? last) => last is { Reason: RuntimeContainerStatus.CannotRun }
        ? new RecordedEvent("Warning", "Failed", $"Error: failed to start container \"{name}\": {last.TerminationMessage}", "kubelet")
        : new RecordedEvent("Normal", "Started", $"Started container {name}", "kubelet");

    private async Task<StepOutcome> PostStartAsync(PodManifest pod, RuntimePodStatus? observed, V1Container container, CancellationToken cancellation)
    {
        ImmutableArray<RecordedEvent> recordedEvents = [];
        if (await hooks.RunAsync(pod, container, container.Lifecycle.PostStart, services.AddressOf(pod, observed), PostStartBound, cancellation).ConfigureAwait(false) is { } why)
        {
            recordedEvents = [new RecordedEvent("Warning", "FailedPostStartHook", $"PostStartHook failed: {why}", "kubelet"), new RecordedEvent("Normal", "Killing", "FailedPostStartHook", "kubelet"),
                .. await termination.ContainerAsync(pod, observed, container, Grace(pod, null), cancellation).ConfigureAwait(false)];
        }

        var after = await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(after, m => m.With(container.Name, c => c with { PostStartPending = null }), recordedEvents);
    }

    private async Task<StepOutcome> KillAsync(PodManifest pod, RuntimePodStatus? observed, PodStep.Kill kill, CancellationToken cancellation)
    {
        var probe = kill.Why switch
        {
            ProbeOutcome.FailedStartup => kill.Container.StartupProbe,
            ProbeOutcome.FailedLiveness => kill.Container.LivenessProbe,
            _ => null,
        };
        var recordedEvents = await termination.ContainerAsync(pod, observed, kill.Container, Grace(pod, probe), cancellation).ConfigureAwait(false);
        var after = await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(after, m => m.With(kill.Container.Name, c => kill.Why == PodResize.Reason && PodPlanner.Latest(observed, kill.Container.Name) is { } ended

            // It has not crashed.
            ? c with { Probes = null, Streak = c.Streak ?? ended.Attempt, CountedAttempt = ended.Attempt }
            : c with { Probes = null }), recordedEvents);
    }

    private async Task<StepOutcome> StopSandboxAsync(PodManifest pod, CancellationToken cancellation)
    {
        await services.Runtime.StopSandboxAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false), m => m, []);
    }

    private async Task<StepOutcome> StopContainersAsync(PodManifest pod, RuntimePodStatus? observed, PodStep.StopContainers stop, CancellationToken cancellation)
    {
        var grace = Grace(pod, null) is var own && stop.MaxGrace < own ? stop.MaxGrace.Value : own;
        var recordedEvents = await termination.PodAsync(pod, observed, stop.IsSandboxGone && grace > OffNetworkGrace ? OffNetworkGrace : grace, cancellation).ConfigureAwait(false);
        return new StepOutcome(await services.Runtime.FindAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false), m => m, recordedEvents);
    }

    private async Task<StepOutcome> ReleaseContentAsync(PodManifest pod, CancellationToken cancellation)
    {
        await services.Runtime.RemovePodAsync(pod.Metadata.Uid, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        await launcher.ForgetAsync(pod.Metadata.Uid, cancellation).ConfigureAwait(false);
        return new StepOutcome(null, m => m with { Content = PodContent.Released }, []);
    }

    // A probe can override the grace period of the pod.
    private static TimeSpan Grace(PodManifest pod, V1Probe? probe) => Seconds.Wait(probe?.TerminationGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 30);
}
