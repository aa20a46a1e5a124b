using System.Collections.Immutable;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Stops containers as the kubelet does: the preStop hook, then the stop signal, both within the termination grace period. In a pod,
/// regular containers are stopped in parallel, then the sidecars in reverse order of their start; all preStop hooks start at once.</summary>
internal sealed class PodTermination(AgentServices services, PodHooks hooks)
{
    /// <summary>Time that a container gets to exit when hooks or other containers have used up the grace period (the kubelet's <c>minimumGracePeriodInSeconds</c>). 2 s.</summary>
    public static readonly TimeSpan MinimumGrace = TimeSpan.FromSeconds(2);

    /// <summary>Whether the pod has hooks or sidecars. If it has not, the runtime may stop all containers at once.</summary>
    public static bool IsOrdered(V1PodSpec spec) => spec.Sidecars().Any() || spec.Containers.Any(c => c.Lifecycle?.PreStop is not null);

    /// <summary>Stops the running containers of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="grace">Grace period of the whole pod.</param>
    /// <param name="cancellation">Ends the wait; started stops continue in the runtime.</param>
    /// <returns>Events to record.</returns>
    public async Task<ImmutableArray<RecordedEvent>> PodAsync(PodManifest pod, RuntimePodStatus? observed, TimeSpan grace, CancellationToken cancellation)
    {
        var end = services.Time.GetUtcNow() + grace;
        var all = PodPlanner.Running(pod.Spec.PlainInits().Concat(pod.Spec.Containers).Concat(EphemeralContainers.Of(pod.Spec)), observed).Select(c => StopAsync(pod, observed, c, end, [], cancellation)).ToList();
        foreach (var sidecar in PodPlanner.Running(pod.Spec.Sidecars(), observed).Reverse())
        {
            all.Add(StopAsync(pod, observed, sidecar, end, [.. all], cancellation));
        }

        return [.. (await Task.WhenAll(all).ConfigureAwait(false)).SelectMany(e => e)];
    }

    /// <summary>Stops one container of a pod that keeps running.</summary>
    /// <returns>Events to record.</returns>
    public Task<ImmutableArray<RecordedEvent>> ContainerAsync(PodManifest pod, RuntimePodStatus? observed, V1Container container, TimeSpan grace, CancellationToken cancellation) =>
        StopAsync(pod, observed, container, services.Time.GetUtcNow() + grace, [], cancellation);

    private async Task<ImmutableArray<RecordedEvent>> StopAsync(
        PodManifest pod, RuntimePodStatus? observed, V1Container container, DateTimeOffset end, ImmutableArray<Task<ImmutableArray<RecordedEvent>>> before, CancellationToken cancellation)
    {
        ImmutableArray<RecordedEvent> recordedEvents = [];
        if (container.Lifecycle?.PreStop is { } hook && Left() is var bound && bound > TimeSpan.Zero
            && await hooks.RunAsync(pod, container, hook, services.AddressOf(pod, observed), bound, cancellation).ConfigureAwait(false) is { } why)
        {
            recordedEvents = [new RecordedEvent("Warning", "FailedPreStopHook", $"PreStopHook failed: {why}", "kubelet")];
        }

        try
        {
            await Task.WhenAll(before).WaitAsync(Left(), services.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The other containers used up the grace period and are killed now; this one gets the minimum.
        }

        var rest = Left();
        await services.Runtime.StopContainerAsync(pod.Metadata.Uid, container.Name, rest > MinimumGrace ? rest : MinimumGrace, cancellation).ConfigureAwait(false);
        return recordedEvents;

        TimeSpan Left() => end - services.Time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
