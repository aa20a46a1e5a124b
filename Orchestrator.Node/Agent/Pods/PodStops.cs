using System.Collections.Immutable;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Stops containers as Kubernetes does: first the preStop hook, then the signal, both within one grace. Of a whole pod those that are no
/// sidecars end side by side, then the sidecars, the last one that was started first; the hooks of all of them begin at once.</summary>
internal sealed class PodStops(AgentServices services, PodHooks hooks)
{
    /// <summary>What a container gets to end in when its hook or the others took the grace (the kubelet's <c>minimumGracePeriodInSeconds</c>).</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>Whether there is an order; where there is none, the runtime may stop them all at once.</summary>
    public static bool IsOrdered(V1PodSpec spec) => spec.Sidecars().Any() || spec.Containers.Any(c => c.Lifecycle?.PreStop is not null);

    /// <summary>Stops what runs of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="seen">As the runtime has it.</param>
    /// <param name="grace">For all of them together.</param>
    /// <param name="cancellation">Ends the wait; what was begun goes on in the runtime.</param>
    /// <returns>What there is to say of it.</returns>
    public async Task<ImmutableArray<EventNote>> PodAsync(V1Pod pod, PodSeen? seen, TimeSpan grace, CancellationToken cancellation)
    {
        var end = services.Time.GetUtcNow() + grace;
        var all = PodPlanner.Running(pod.Spec.PlainInits().Concat(pod.Spec.Containers), seen).Select(c => StopAsync(pod, seen, c, end, [], cancellation)).ToList();
        foreach (var sidecar in PodPlanner.Running(pod.Spec.Sidecars(), seen).Reverse())
        {
            all.Add(StopAsync(pod, seen, sidecar, end, [.. all], cancellation));
        }

        return [.. (await Task.WhenAll(all).ConfigureAwait(false)).SelectMany(notes => notes)];
    }

    /// <summary>Stops one container of a pod that goes on.</summary>
    /// <returns>What there is to say of it.</returns>
    public Task<ImmutableArray<EventNote>> ContainerAsync(V1Pod pod, PodSeen? seen, V1Container container, TimeSpan grace, CancellationToken cancellation) =>
        StopAsync(pod, seen, container, services.Time.GetUtcNow() + grace, [], cancellation);

    private async Task<ImmutableArray<EventNote>> StopAsync(
        V1Pod pod, PodSeen? seen, V1Container container, DateTimeOffset end, ImmutableArray<Task<ImmutableArray<EventNote>>> before, CancellationToken cancellation)
    {
        ImmutableArray<EventNote> notes = [];
        if (container.Lifecycle?.PreStop is { } hook && Left() is var bound && bound > TimeSpan.Zero
            && await hooks.RunAsync(pod, container, hook, services.AddressOf(pod, seen), bound, cancellation).ConfigureAwait(false) is { } why)
        {
            notes = [new EventNote("Warning", "FailedPreStopHook", $"PreStopHook failed: {why}", "kubelet")];
        }

        try
        {
            await Task.WhenAll(before).WaitAsync(Left(), services.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The others took all the grace; they are killed now, and this one has its least.
        }

        var rest = Left();
        await services.Runtime.StopContainerAsync(pod.Metadata.Uid, container.Name, rest > Least ? rest : Least, cancellation).ConfigureAwait(false);
        return notes;

        TimeSpan Left() => end - services.Time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
