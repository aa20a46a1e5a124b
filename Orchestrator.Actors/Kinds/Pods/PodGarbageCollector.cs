using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
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

    /// <summary>Returns the commands that remove a pod. One that a finalizer keeps is failed first: its agent is not there to say so.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="by">The sender.</param>
    /// <param name="now">Current time.</param>
    public static IEnumerable<ObjectCommand> Remove(KubeObject pod, UserInfo by, DateTimeOffset now)
    {
        if (!pod.Finalizers.IsEmpty && pod.Phase is not ("Succeeded" or "Failed"))
        {
            var failed = DisruptionTarget.Patch("DeletionByPodGC", "PodGC: node no longer exists", now);
            failed["status"]!["phase"] = "Failed";
            yield return new MergeObject(pod.Key, pod.Uid, failed, "evicted", by, pod.Revision);
        }

        yield return new DeleteObject(pod.Key, by, pod.Revision, GraceSeconds: 0, ExpectedUid: pod.Uid);
    }

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
