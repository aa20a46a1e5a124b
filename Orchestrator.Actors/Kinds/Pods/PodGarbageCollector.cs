using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Decides which pods nobody else removes: pods of a node that does not exist, and finished pods beyond a number (Kubernetes, "Pod Lifecycle",
/// "Garbage collection of Pods"). Pure.</summary>
internal static class PodGarbageCollector
{
    /// <summary>How long a node must be absent: an agent whose Node was deleted by mistake registers it again.</summary>
    public static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    /// <summary>How many finished pods are kept (<c>kube-controller-manager --terminated-pod-gc-threshold</c>).</summary>
    public const int FinishedPods = 12_500;

    /// <summary>The pods to remove.</summary>
    /// <param name="pods">All pods.</param>
    /// <param name="isGone">Whether a node has been absent for longer than <see cref="Quarantine"/>.</param>
    /// <param name="keep">How many finished pods stay; the oldest go first.</param>
    public static IEnumerable<KubeObject> Plan(IReadOnlyCollection<KubeObject> pods, Func<string, bool> isGone, int keep = FinishedPods)
    {
        var orphans = pods.Where(p => p.NodeName is { Length: > 0 } node && isGone(node)).ToList();
        var finished = pods.Where(p => p.Phase is "Succeeded" or "Failed" && !p.IsDeleting).Except(orphans).ToList();
        return finished.Count <= keep ? orphans
            : orphans.Concat(finished.OrderBy(p => PodOutline.Of(p).CreatedAt).ThenBy(p => p.Name, StringComparer.Ordinal).Take(finished.Count - keep));
    }
}
