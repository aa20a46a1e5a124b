using Orchestrator.Actors.Scheduling.Preemption;

namespace Orchestrator.Actors.Scheduling;

/// <summary>A pod and the node chosen for it.</summary>
internal sealed record Placement(PodInfo Pod, string Node, IReadOnlyList<KeyValuePair<string, double>> Scores, double Total);

/// <summary>A pod that no node can take.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Why">Why.</param>
/// <param name="NominatedNode">The node that is being freed for it; null for none.</param>
/// <param name="IsConstrained">Whether the pods of other nodes have a say.</param>
internal sealed record Unschedulable(PodInfo Pod, Diagnosis Why, string? NominatedNode, bool IsConstrained);

/// <summary>The decisions, and the cluster after them.</summary>
/// <param name="Placements">Pods that have a node now.</param>
/// <param name="Unschedulable">Pods that have none.</param>
/// <param name="Preemptions">For which of those pods of lower priority have to go.</param>
/// <param name="After">The cluster with the placements; victims are counted until they are gone.</param>
internal sealed record SchedulingResult(
    IReadOnlyList<Placement> Placements, IReadOnlyList<Unschedulable> Unschedulable, IReadOnlyList<PreemptionPlan> Preemptions, ClusterSnapshot After);

/// <summary>Chooses nodes for pending pods, one group of equal pods at a time. Pure.</summary>
internal static class SchedulingPipeline
{
    /// <summary>Schedules pods of higher priority first, then those for which a node is being freed, then in the given order.</summary>
    /// <param name="cluster">Nodes and their pods.</param>
    /// <param name="pending">Pods without a node.</param>
    /// <param name="victims">What is known of pods that may have to go; null if none may.</param>
    /// <param name="isLast">Whether pods may go for one with constraints: before, others may still be placed that it waits for.</param>
    public static SchedulingResult Schedule(ClusterSnapshot cluster, IReadOnlyList<PodInfo> pending, VictimFacts? victims = null, bool isLast = true)
    {
        var pass = new SchedulingPass(cluster, victims, isLast);
        var groups = pending.GroupBy(Likeness(cluster, pending)).Select(g => g.OrderBy(p => p.NominatedNode is null).ToArray());
        foreach (var group in groups.OrderByDescending(g => g[0].Priority).ThenBy(g => g[0].NominatedNode is null))
        {
            pass.Place(group);
        }

        return pass.Finish();
    }

    // What a group has in common. Labels count only where a constraint may look at them: the pods of a stateful set differ in theirs.
    private static Func<PodInfo, (string, string, string)> Likeness(ClusterSnapshot cluster, IReadOnlyList<PodInfo> pending)
    {
        var anyCares = pending.Any(p => p.Constraints.HasAffinity) || cluster.Nodes.Values.Any(n => !n.Choosy.IsEmpty);
        return pod => anyCares || !pod.Constraints.IsEmpty
            ? (pod.Signature, pod.Namespace, string.Join(',', pod.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")))
            : (pod.Signature, "", "");
    }
}
