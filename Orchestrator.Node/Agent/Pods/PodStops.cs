using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Stops a pod's containers in Kubernetes' order: those that are no sidecars side by side, then the sidecars, the last one that was
/// started first. All of it counts in one grace.</summary>
internal sealed class PodStops(AgentServices services)
{
    /// <summary>What a container gets to end in when its turn comes late (the kubelet's <c>minimumGracePeriodInSeconds</c>).</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>Whether the order matters; where it does not, the runtime may stop them all at once.</summary>
    public static bool IsOrdered(V1PodSpec spec) => spec.Sidecars().Any();

    /// <summary>Stops what runs of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="seen">As the runtime has it.</param>
    /// <param name="grace">For all of them together.</param>
    /// <param name="cancellation">Ends the wait; what was begun goes on in the runtime.</param>
    public async Task StopAsync(V1Pod pod, PodSeen? seen, TimeSpan grace, CancellationToken cancellation)
    {
        var end = services.Time.GetUtcNow() + grace;
        var all = PodPlanner.Running(pod.Spec.PlainInits().Concat(pod.Spec.Containers), seen).Select(c => StopAsync(pod, c, end, [], cancellation)).ToList();
        foreach (var sidecar in PodPlanner.Running(pod.Spec.Sidecars(), seen).Reverse())
        {
            all.Add(StopAsync(pod, sidecar, end, [.. all], cancellation));
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    private async Task StopAsync(V1Pod pod, V1Container container, DateTimeOffset end, ImmutableArray<Task> before, CancellationToken cancellation)
    {
        try
        {
            var left = end - services.Time.GetUtcNow();
            await Task.WhenAll(before).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, services.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The others took all the grace; they are killed now, and this one has its least.
        }

        var rest = end - services.Time.GetUtcNow();
        await services.Runtime.StopContainerAsync(pod.Metadata.Uid, container.Name, rest > Least ? rest : Least, cancellation).ConfigureAwait(false);
    }
}
