using Akka.Actor;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Probes;
using k8s.Models;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The probers of a pod: one for each running attempt that wants one. Part of a pod's actor, on its thread only.</summary>
internal sealed class PodProbes(AgentServices services, IActorContext context)
{
    /// <summary>Starts the probers of attempts that are new, in place of those before.</summary>
    /// <returns>What is known, with the outcomes that new attempts begin with.</returns>
    public PodMemory Attend(V1Pod pod, PodSeen? seen, PodMemory memory)
    {
        foreach (var container in pod.Spec.Lasting().Where(c => (c.ReadinessProbe ?? c.LivenessProbe ?? c.StartupProbe) is not null))
        {
            var last = PodPlanner.Latest(seen, container.Name);
            if (last is { State: ContainerState.Running } && !PodPlanner.IsHooked(last, memory[container.Name]) && memory[container.Name].Probes?.Attempt != last.Attempt)
            {
                Stop(Name(container.Name));
                memory = memory.With(container.Name, m => m with { Probes = new ProbeOutcome(last.Attempt, container.StartupProbe is null, false) });
                context.ActorOf(ProberActor.Props(pod.Metadata.Uid, container, last, services.AddressOf(pod, seen), services), $"{Name(container.Name)}{last.Attempt}");
            }
        }

        return memory;
    }

    /// <summary>Takes a prober's news, unless they are of an attempt that is over.</summary>
    public static bool IsCurrent(PodMemory memory, PodWorkerActor.ProbeReport report) =>
        memory[report.Container].Probes?.Attempt == report.Outcome.Attempt;

    /// <summary>Ends all probing.</summary>
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
