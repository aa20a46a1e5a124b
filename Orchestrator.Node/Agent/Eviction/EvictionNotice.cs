using System.Globalization;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>What is said of a pod that is evicted. Pure.</summary>
internal static class EvictionNotice
{
    /// <summary>Reason of the status and of the Event.</summary>
    public const string Evicted = "Evicted";

    // What the kubelet gives a pod when a hard threshold is met.
    private static readonly TimeSpan Immediately = TimeSpan.FromSeconds(1);

    /// <summary>Why a pod fails that is evicted because its node runs short of something.</summary>
    /// <param name="victim">The pod.</param>
    /// <param name="threshold">The threshold that is met.</param>
    /// <param name="sample">The sample that decided.</param>
    /// <param name="maxGrace">See <see cref="EvictionSettings"/>.</param>
    public static PodFailure Failure(EvictionCandidate victim, EvictionThreshold threshold, NodeSample sample, TimeSpan maxGrace)
    {
        var (signal, reading) = (threshold.Signal, sample.Readings[threshold.Signal]);
        var greedy = victim.Pod.Spec.Containers.Concat(victim.Pod.Spec.InitContainers ?? []).Select(c =>
        {
            var used = victim.Use.Containers.Where(u => u.Name == c.Name).Sum(u => EvictionOrder.Used(PodUse.None with { Containers = [u] }, signal, hasOwnImagefs: false));
            return (c.Name, Used: used, Requested: EvictionOrder.Requested(c, signal));
        }).Where(c => signal.IsBytes() && c.Used > c.Requested);
        var message = $"The node was low on resource: {signal.Resource()}. Threshold quantity: {Amount(signal, threshold.Value.Of(reading.Capacity))}, available: {Amount(signal, reading.Available)}."
            + string.Concat(greedy.Select(c => $" Container {c.Name} was using {Amount(signal, c.Used)}, request is {Amount(signal, c.Requested)}, has larger consumption of {signal.Resource()}."));
        return new PodFailure(Evicted, message)
        {
            Grace = threshold.IsHard ? Immediately : Least(maxGrace, Seconds.Wait(victim.Pod.Spec.TerminationGracePeriodSeconds ?? 30)),
            IsDisruption = true,
            ReleasesContent = true,
        };
    }

    /// <summary>Why a pod fails that exceeds a limit of its own.</summary>
    public static PodFailure Exceeded(string message) => new(Evicted, message) { Grace = Immediately, IsDisruption = true, ReleasesContent = true };

    /// <summary>The Event of an eviction: it names the sample that decided.</summary>
    public static RecordedEvent Event(PodFailure failure, EvictionThreshold threshold, NodeSample sample)
    {
        var (signal, reading) = (threshold.Signal, sample.Readings[threshold.Signal]);
        var kind = threshold.Grace is { } grace ? string.Create(CultureInfo.InvariantCulture, $"soft threshold, met for {grace.TotalSeconds:0} s or more") : "hard threshold";
        return new RecordedEvent("Warning", Evicted,
            $"{failure.Message} Sample: {signal.Name()} {Amount(signal, reading.Available)} of {Amount(signal, reading.Capacity)} at {KubeTime.Text(sample.At)}, {kind} {Amount(signal, threshold.Value.Of(reading.Capacity))}.", "kubelet");
    }

    /// <summary>Why a node does not take a pod now; null if it does. Critical pods are taken; if only memory is short, so are pods that request some, or tolerate it.</summary>
    /// <remarks>Rules: the kubelet's admission under pressure. It is for pods that were bound before the node had its taint.</remarks>
    public static PodFailure? Refusal(PodManifest pod, IReadOnlyCollection<NodePressure> pressures, bool hasStatic)
    {
        if (pressures.Count == 0 || EvictionOrder.IsSpared(pod, hasStatic))
        {
            return null;
        }

        var onlyMemory = pressures.All(p => p == NodePressure.Memory);
        return onlyMemory && (QosClass.Of(pod.Spec) != "BestEffort" || ToleratesMemory(pod)) ? null
            : new PodFailure(Evicted, $"The node had condition: [{string.Join(", ", pressures.Order().Select(p => p.Type()))}].");
    }

    /// <summary>An amount as messages show it.</summary>
    public static string Amount(EvictionSignal signal, long amount) => (signal.IsBytes() ? new Quantity((Int128)amount * 1_000_000_000, QuantityForm.Binary) : Quantity.Of(amount)).ToString();

    private static bool ToleratesMemory(PodManifest pod) => (pod.Spec.Tolerations ?? []).Any(t =>
        Tolerations.Matches(t, new V1Taint { Key = "node.kubernetes.io/memory-pressure", Effect = "NoSchedule" }));

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
