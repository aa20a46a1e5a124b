using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Selects pods to remove: pods of nodes that do not exist, and the oldest finished pods above a limit (Kubernetes, "Pod Lifecycle",
/// "Garbage collection of Pods"). Pure.</summary>
internal static class PodGarbageCollector
{
    /// <summary>Time after which the pods of an absent node are removed. 40 s: the agent of a Node that was deleted by mistake registers
    /// it again.</summary>
    public static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    /// <summary>Maximum number of finished pods (<c>kube-controller-manager --terminated-pod-gc-threshold</c>).</summary>
    public const int FinishedPods = 12_500;

    /// <summary>Returns the pods to remove.</summary>
    /// <param name="pods">All pods.</param>
    /// <param name="isGone">Whether a node has been absent for longer than <see cref="Quarantine"/>.</param>
    /// <param name="keep">Maximum number of finished pods; the oldest are removed first.</param>
    public static IEnumerable<KubeObject> Plan(IReadOnlyCollection<KubeObject> pods, Func<string, bool> isGone, int keep = FinishedPods)
    {
        var orphans = pods.Where(p => p.NodeName is { Length: > 0 } node && isGone(node)).ToList();
        var finished = pods.Where(p => p.Phase is "Succeeded" or "Failed" && !p.IsDeleting).Except(orphans).ToList();
        return finished.Count <= keep ? orphans
            : orphans.Concat(finished.OrderBy(p => PodOutline.Of(p).CreatedAt).ThenBy(p => p.Name, StringComparer.Ordinal).Take(finished.Count - keep));
    }
}
