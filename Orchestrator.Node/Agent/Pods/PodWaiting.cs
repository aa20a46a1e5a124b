using System.Collections.Immutable;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Waiting reasons and events of a pod.</summary>
/// <param name="Memory">State with the waiting reasons of its containers.</param>
/// <param name="RecordedEvents">Events for new waiting reasons.</param>
/// <param name="Wake">Time until the next check.</param>
internal sealed record PodWait(PodMemory Memory, ImmutableArray<RecordedEvent> RecordedEvents, TimeSpan Wake);

/// <summary>Sets the waiting reasons of containers as the kubelet does: CrashLoopBackOff, and ErrImagePull that turns into ImagePullBackOff. Pure.</summary>
internal static class PodWaiting
{
    private static readonly TimeSpan PullErrorShownFor = TimeSpan.FromSeconds(2);

    /// <param name="pod">The pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="memory">State of its containers.</param>
    /// <param name="at">Time of the next step.</param>
    /// <param name="now">Current time.</param>
    public static PodWait Explain(PodManifest pod, RuntimePodStatus? observed, PodMemory memory, DateTimeOffset at, DateTimeOffset now)
    {
        var recordedEvents = ImmutableArray.CreateBuilder<RecordedEvent>();
        var name = $"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";
        var done = pod.Spec.PlainInits().Select(c => c.Name).ToHashSet();
        foreach (var container in pod.Spec.Possible())
        {
            var known = memory[container.Name];
            if (known.Waiting is null && PodPlanner.Latest(observed, container.Name) is { State: ContainerState.Exited } last
                && !(last.ExitCode == 0 && (done.Contains(container.Name) || pod.Spec.RestartPolicy == "OnFailure")) && PodPlanner.Count(known, last).Streak is > 1 and var streak)
            {
                var message = $"back-off {Words(PodPlanner.BackOff(streak))} restarting failed container={container.Name} pod={name}";
                memory = memory.With(container.Name, m => m with { Waiting = new WaitingReason("CrashLoopBackOff", message) });
                recordedEvents.Add(new RecordedEvent("Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {name}", "kubelet"));
            }
            else if (known is { Waiting.Reason: "ErrImagePull" } && known.NotBefore - now < PodPlanner.RetryDelay(known.Failures) - PullErrorShownFor)
            {
                memory = memory.With(container.Name, m => m with { Waiting = new WaitingReason("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\"") });
                recordedEvents.Add(new RecordedEvent("Normal", "BackOff", $"Back-off pulling image \"{container.Image}\"", "kubelet"));
            }
        }

        var isPullErrorShown = memory.Containers.Values.Any(m => m.Waiting?.Reason == "ErrImagePull");
        var wake = isPullErrorShown && at - now > PullErrorShownFor ? PullErrorShownFor + TimeSpan.FromMilliseconds(10) : at - now;
        return new PodWait(memory, recordedEvents.ToImmutable(), wake > TimeSpan.Zero ? wake : TimeSpan.FromMilliseconds(1));
    }

    private static string Words(TimeSpan time) => time.TotalSeconds < 60 ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
