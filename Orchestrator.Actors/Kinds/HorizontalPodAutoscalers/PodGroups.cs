namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>The pods of a target by what their values are worth (Kubernetes, "Horizontal Pod Autoscaling", algorithm details).</summary>
/// <param name="ReadyCount">Number of pods whose values count.</param>
/// <param name="Unready">Pods whose values are left out because they have just been started; when more pods are needed, they count as using nothing.</param>
/// <param name="Missing">Pods without a value.</param>
/// <param name="Ignored">Pods that are being deleted or have failed.</param>
internal sealed record PodGroups(int ReadyCount, IReadOnlyList<AutoscaledPod> Unready, IReadOnlyList<AutoscaledPod> Missing, IReadOnlyList<AutoscaledPod> Ignored)
{
    /// <summary>Groups pods.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="samples">Their values by name.</param>
    /// <param name="isCpu">Whether the values are of CPU, of which a pod that initializes uses more than later.</param>
    /// <param name="settings">See <see cref="AutoscalerSettings"/>.</param>
    /// <param name="now">The current time.</param>
    public static PodGroups Of(IReadOnlyList<AutoscaledPod> pods, IReadOnlyDictionary<string, ResourceSample> samples, bool isCpu, AutoscalerSettings settings, DateTimeOffset now)
    {
        var ready = 0;
        List<AutoscaledPod> unready = [], missing = [], ignored = [];
        foreach (var pod in pods)
        {
            if (pod.Outline.Object.IsDeleting || pod.Outline.Object.Phase == "Failed")
            {
                ignored.Add(pod);
            }
            else if (pod.Outline.Object.Phase is null or "Pending")
            {
                unready.Add(pod);
            }
            else if (!samples.TryGetValue(pod.Name, out var sample))
            {
                missing.Add(pod);
            }
            else if (isCpu && IsInitializing(pod, sample, settings, now))
            {
                unready.Add(pod);
            }
            else
            {
                ready++;
            }
        }

        return new PodGroups(ready, unready, missing, ignored);
    }

    private static bool IsInitializing(AutoscaledPod pod, ResourceSample sample, AutoscalerSettings settings, DateTimeOffset now)
    {
        if (pod.Outline is not { Readiness: { } isReady, ReadinessChangedAt: { } changedAt, StartedAt: { } startedAt })
        {
            return true;
        }

        return startedAt + settings.CpuInitializationPeriod > now.UtcDateTime
            ? !isReady || sample.At.UtcDateTime < changedAt + sample.Window
            : !isReady && startedAt + settings.InitialReadinessDelay > changedAt;
    }
}
