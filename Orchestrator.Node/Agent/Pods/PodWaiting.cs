using System.Collections.Immutable;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>What a pod that waits says of it.</summary>
/// <param name="Memory">With the reasons of the containers that wait.</param>
/// <param name="Notes">Kubernetes Events of waits that are new.</param>
/// <param name="Wake">After how long to look again.</param>
internal sealed record PodWait(PodMemory Memory, ImmutableArray<EventNote> Notes, TimeSpan Wake);

/// <summary>Names the waits of a pod as Kubernetes does: crash loops, and image errors that turn into back-off. Pure.</summary>
internal static class PodWaiting
{
    private static readonly TimeSpan PullErrorShownFor = TimeSpan.FromSeconds(2);

    /// <param name="pod">The pod.</param>
    /// <param name="seen">As the runtime has it.</param>
    /// <param name="memory">What is known of its containers.</param>
    /// <param name="at">No step before this moment.</param>
    /// <param name="now">The present.</param>
    public static PodWait Explain(V1Pod pod, PodSeen? seen, PodMemory memory, DateTimeOffset at, DateTimeOffset now)
    {
        var notes = ImmutableArray.CreateBuilder<EventNote>();
        var name = $"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";
        foreach (var container in pod.Spec.All())
        {
            var known = memory[container.Name];
            if (known.Waiting is null && PodPlanner.Latest(seen, container.Name) is { State: ContainerState.Exited } last && PodPlanner.Count(known, last).Streak is > 1 and var streak)
            {
                var message = $"back-off {Words(PodPlanner.BackOff(streak))} restarting failed container={container.Name} pod={name}";
                memory = memory.With(container.Name, m => m with { Waiting = new WaitingReason("CrashLoopBackOff", message) });
                notes.Add(new EventNote("Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {name}", "kubelet"));
            }
            else if (known is { Waiting.Reason: "ErrImagePull" } && known.NotBefore - now < PodPlanner.RetryDelay(known.Failures) - PullErrorShownFor)
            {
                memory = memory.With(container.Name, m => m with { Waiting = new WaitingReason("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\"") });
                notes.Add(new EventNote("Normal", "BackOff", $"Back-off pulling image \"{container.Image}\"", "kubelet"));
            }
        }

        var isPullErrorShown = memory.Containers.Values.Any(m => m.Waiting?.Reason == "ErrImagePull");
        var wake = isPullErrorShown && at - now > PullErrorShownFor ? PullErrorShownFor + TimeSpan.FromMilliseconds(10) : at - now;
        return new PodWait(memory, notes.ToImmutable(), wake > TimeSpan.Zero ? wake : TimeSpan.FromMilliseconds(1));
    }

    private static string Words(TimeSpan time) => time.TotalSeconds < 60 ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
