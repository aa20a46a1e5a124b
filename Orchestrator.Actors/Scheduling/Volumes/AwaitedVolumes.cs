using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling.Volumes;

/// <summary>What became of the claims that a pod with a chosen node waits for.</summary>
internal enum AwaitedOutcome
{
    /// <summary>Not all are bound yet.</summary>
    Waits,

    /// <summary>All are bound, and the node reaches their volumes.</summary>
    IsBound,

    /// <summary>They are not for this node: another one must be chosen.</summary>
    HasFailed,
}

/// <summary>The pods whose node is chosen and whose claims are not bound yet: their room is kept meanwhile (Kubernetes' scheduler: PreBind of VolumeBinding). Not thread-safe.</summary>
internal sealed class AwaitedVolumes
{
    private readonly Dictionary<string, string> _nodes = [];

    /// <summary>Uids of the pods.</summary>
    public IReadOnlyCollection<string> Pods => _nodes.Keys;

    /// <summary>Whether there are any.</summary>
    public bool Any => _nodes.Count > 0;

    /// <summary>A pod waits for its claims to be bound on a node.</summary>
    /// <returns>Commands that tell the claims of the node.</returns>
    public IEnumerable<ObjectCommand> Add(KubeObject pod, string node, PodVolumes volumes, UserInfo by)
    {
        _nodes[pod.Uid] = node;
        return volumes.Waiting.Where(c => c.SelectedNode is null).Select(c => new MergeObject(c.Object.Key, c.Object.Uid,
            new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [VolumeAnnotations.SelectedNode] = node } } }, "node-selected", by, pod.Revision, ExpectedRevision: c.Object.Revision)).ToList();
    }

    /// <summary>The pod does not wait any more.</summary>
    public void Remove(string uid) => _nodes.Remove(uid);

    /// <summary>Looks what became of the claims of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="node">The node as it is now; null if it is gone.</param>
    /// <param name="view">The cluster.</param>
    public static AwaitedOutcome Look(KubeObject pod, NodeSnapshot? node, IClusterView view) =>
        node is null || PodVolumes.Of(pod, view) is not { Refusal: null } volumes || !volumes.Ask(node).Ok ? AwaitedOutcome.HasFailed
        : volumes.Waiting.Count > 0 ? AwaitedOutcome.Waits
        : AwaitedOutcome.IsBound;
}
