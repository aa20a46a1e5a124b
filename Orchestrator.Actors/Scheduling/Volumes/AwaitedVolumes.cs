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

    /// <summary>They are not for this node, or their provisioner took the chosen node from them: a node must be chosen anew.</summary>
    HasFailed,

    /// <summary>They have not been bound for <see cref="AwaitedVolumes.Bound"/>.</summary>
    IsOverdue,
}

/// <summary>The pods whose node is chosen and whose claims are not bound yet: their room is kept meanwhile (Kubernetes' scheduler: PreBind of VolumeBinding). Not thread-safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class AwaitedVolumes(TimeProvider time)
{
    /// <summary>How long room is kept for a pod whose claims are not bound (Kubernetes: <c>bindTimeoutSeconds</c> of VolumeBindingArgs). 10 min.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Awaited> _pods = [];

    /// <summary>Uids of the pods.</summary>
    public IReadOnlyCollection<string> Pods => _pods.Keys;

    /// <summary>Whether there are any.</summary>
    public bool Any => _pods.Count > 0;

    /// <summary>Time until one of them is overdue; null if there are none.</summary>
    public TimeSpan? DueIn => Any ? Bound - time.GetElapsedTime(_pods.Values.Min(p => p.Since)) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero : null;

    /// <summary>A pod waits for its claims to be bound on a node.</summary>
    /// <returns>Commands that tell the claims of the node.</returns>
    public IEnumerable<ObjectCommand> Add(KubeObject pod, string node, PodVolumes volumes, UserInfo by)
    {
        _pods[pod.Uid] = new Awaited(time.GetTimestamp(), volumes.Waiting.Where(c => c.SelectedNode is not null).ToDictionary(c => c.Object.Uid, c => c.Object.Revision));
        return volumes.Waiting.Where(c => c.SelectedNode is null).Select(c => new MergeObject(c.Object.Key, c.Object.Uid,
            new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [VolumeAnnotations.SelectedNode] = node } } }, "node-selected", by, pod.Revision, ExpectedRevision: c.Object.Revision)).ToList();
    }

    /// <summary>A claim has learnt of the node. If a later version of it names none, its provisioner could not make a volume there.</summary>
    /// <param name="uid">Uid of the pod.</param>
    /// <param name="claim">The claim as it was stored.</param>
    public void Told(string uid, KubeObject claim)
    {
        if (_pods.TryGetValue(uid, out var awaited))
        {
            awaited.Told[claim.Uid] = claim.Revision;
        }
    }

    /// <summary>The pod does not wait any more.</summary>
    public void Remove(string uid) => _pods.Remove(uid);

    /// <summary>Looks what became of the claims of a pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="node">The node as it is now; null if it is gone.</param>
    /// <param name="view">The cluster.</param>
    public AwaitedOutcome Look(KubeObject pod, NodeSnapshot? node, IClusterView view) =>
        node is null || PodVolumes.Of(pod, view) is not { Refusal: null } volumes || !volumes.Ask(node).Ok ? AwaitedOutcome.HasFailed
        : volumes.Waiting.Count == 0 ? AwaitedOutcome.IsBound
        : !_pods.TryGetValue(pod.Uid, out var awaited) || volumes.Waiting.Any(awaited.HasLostNode) ? AwaitedOutcome.HasFailed
        : time.GetElapsedTime(awaited.Since) >= Bound ? AwaitedOutcome.IsOverdue
        : AwaitedOutcome.Waits;

    /// <summary>Why a pod is not waited for any longer.</summary>
    public static string Late(PodVolumes? volumes, string node) => string.Join(", ", (volumes?.Waiting ?? []).Select(c =>
        $"persistentvolumeclaim \"{c.Claim.Metadata.Name}\" has not been bound on node \"{node}\" for {Bound.TotalMinutes:0} minutes: see whether its provisioner \"{c.Of.Provisioner}\" runs"));

    // Told: the revision at which each claim named the node.
    private sealed record Awaited(long Since, Dictionary<string, long> Told)
    {
        public bool HasLostNode(WaitingClaim claim) => claim.SelectedNode is null && Told.TryGetValue(claim.Object.Uid, out var told) && claim.Object.Revision >= told;
    }
}
