using Akka.Actor;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Probes;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The probers of a pod: one for each running container that has probes. Part of the pod's actor; not thread-safe.</summary>
internal sealed class PodProbes(AgentServices services, IActorContext context)
{
    /// <summary>Starts probers for new attempts and stops those of earlier attempts.</summary>
    /// <returns>The state with the initial probe results of new attempts.</returns>
    public PodMemory Update(PodManifest pod, RuntimePodStatus? observed, PodMemory memory)
    {
        foreach (var container in pod.Spec.Lasting().Where(c => (c.ReadinessProbe ?? c.LivenessProbe ?? c.StartupProbe) is not null))
        {
            var last = PodPlanner.Latest(observed, container.Name);
            if (last is { State: ContainerState.Running } && !PodPlanner.IsPostStartPending(last, memory[container.Name]) && memory[container.Name].Probes?.Attempt != last.Attempt)
            {
                Stop(Name(container.Name));
                memory = memory.With(container.Name, m => m with { Probes = new ProbeOutcome(last.Attempt, container.StartupProbe is null, false) });
                context.ActorOf(ProberActor.Props(pod.Metadata.Uid, container, last, services.AddressOf(pod, observed), services), $"{Name(container.Name)}{last.Attempt}");
            }
        }

        return memory;
    }

    /// <summary>Whether a probe report is for the current attempt.</summary>
    public static bool IsCurrent(PodMemory memory, PodWorkerActor.ProbeReport report) =>
        memory[report.Container].Probes?.Attempt == report.Outcome.Attempt;

    /// <summary>Stops all probers.</summary>
    public void StopAll() => Stop("probe-");

    private void Stop(string prefix)
    {
        foreach (var child in context.GetChildren().Where(c => c.Path.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            context.Stop(child);
        }
    }

    private static string Name(string container) => $"probe-{container}.";
}
