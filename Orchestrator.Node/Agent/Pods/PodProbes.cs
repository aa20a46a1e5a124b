using System.Text.Json.Nodes;
using Akka.Actor;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Probes;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The probers of a pod: one for each running container that has probes. Part of the pod's actor; not thread-safe.</summary>
internal sealed class PodProbes(AgentServices services, IActorContext context)
{
    private int _made;

    /// <summary>Starts probers for new attempts and stops those of attempts that do not run any more.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="stored">The pod as it is stored, with the status that was last reported.</param>
    /// <param name="observed">What the runtime shows.</param>
    /// <param name="memory">The state so far.</param>
    /// <returns>The state with the initial probe results of new attempts.</returns>
    public PodMemory Update(PodManifest pod, KubeObject stored, RuntimePodStatus? observed, PodMemory memory)
    {
        foreach (var container in pod.Spec.Lasting().Where(c => (c.ReadinessProbe ?? c.LivenessProbe ?? c.StartupProbe) is not null))
        {
            var last = PodPlanner.Latest(observed, container.Name);
            if (last is not { State: ContainerState.Running } && memory[container.Name].Probes is not null)
            {
                Stop(Name(container.Name));
                memory = memory.With(container.Name, m => m with { Probes = null });
            }
            else if (last is { State: ContainerState.Running } && !PodPlanner.IsPostStartPending(last, memory[container.Name]) && memory[container.Name].Probes?.Attempt != last.Attempt)
            {
                Stop(Name(container.Name));
                var initial = Initial(container, last, stored);
                memory = memory.With(container.Name, m => m with { Probes = initial });

                // Numbered, because the one before may still be stopping.
                context.ActorOf(ProberActor.Props(pod.Metadata.Uid, container, initial, services.AddressOf(pod, observed), services), $"{Name(container.Name)}{++_made}");
            }
        }

        return memory;
    }

    /// <summary>Whether a probe report is for the current attempt.</summary>
    public static bool IsCurrent(PodMemory memory, PodWorkerActor.ProbeReport report) =>
        memory[report.Container].Probes?.Attempt == report.Outcome.Attempt;

    /// <summary>Stops all probers.</summary>
    public void StopAll() => Stop("probe-");

    // A container that was ready before this agent started, or joined the cluster again, stays ready until its probe fails.
    private static ProbeOutcome Initial(V1Container container, RuntimeContainerStatus last, KubeObject stored)
    {
        var status = stored.ToNode()["status"];
        var known = ((string[])["containerStatuses", "initContainerStatuses"]).SelectMany(l => status?[l] as JsonArray ?? []).OfType<JsonObject>()
            .FirstOrDefault(c => (string?)c["name"] == container.Name && ((string?)c["containerID"])?.EndsWith($"://{last.Id}", StringComparison.Ordinal) == true);
        return new ProbeOutcome(last.Attempt, container.StartupProbe is null || JsonFilling.IsTrue(known?["started"]), container.ReadinessProbe is null || JsonFilling.IsTrue(known?["ready"]));
    }

    private void Stop(string prefix)
    {
        foreach (var child in context.GetChildren().Where(c => c.Path.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            context.Stop(child);
        }
    }

    private static string Name(string container) => $"probe-{container}.";
}
