using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>
/// The steps that bring a deployment closer to its spec. <c>Annotations</c> are to be set on the deployment, or removed if null
/// (empty when nothing is to change); <c>Status</c> is null if it does not change.
/// </summary>
internal sealed record DeploymentPlan(
    V1ReplicaSet? CreateReplicaSet,
    IReadOnlyList<ReplicaSetScale> Scale,
    IReadOnlyList<V1ReplicaSet> Delete,
    IReadOnlyDictionary<string, string?> Annotations,
    V1DeploymentStatus? Status,
    TimeSpan? RecheckAfter,
    IReadOnlyList<DeploymentEvent> Events)
{
    /// <summary>The rollback that is due; if there is one, it is the whole plan.</summary>
    public DeploymentRollback? Rollback { get; init; }
}

/// <summary>A change of one replica set: its size, the annotations to set and, if it changed, minReadySeconds.</summary>
internal sealed record ReplicaSetScale(V1ReplicaSet Rs, int Replicas, IReadOnlyDictionary<string, string> Annotations, int? MinReadySeconds = null);

/// <summary>An event to record about the deployment once its replica set has accepted the change; the deployment itself if that is null.</summary>
internal sealed record DeploymentEvent(string Type, string Reason, string Message, string? ReplicaSet = null);

/// <summary>The deployment gets the template of an old replica set, with the configuration of today, in place of a revision that failed.</summary>
internal sealed record DeploymentRollback(V1ReplicaSet To, V1PodTemplateSpec Template, long From, string Message);
