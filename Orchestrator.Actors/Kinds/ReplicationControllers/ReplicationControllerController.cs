using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ReplicaSets;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicationControllers;

/// <summary>Keeps the pods of replication controllers: the older form of replica sets, with a selector of labels only (Kubernetes, "ReplicationController").</summary>
public sealed class ReplicationControllerController() : ReplicaSetController(ReplicationControllerDefinition.Instance, "replication-controller")
{
    /// <inheritdoc/>
    protected override bool ShowsTerminating => false;

    /// <inheritdoc/>
    protected override V1ReplicaSet Read(KubeObject self)
    {
        var rc = self.As<V1ReplicationController>();
        return new V1ReplicaSet
        {
            Metadata = rc.Metadata,
            Spec = new V1ReplicaSetSpec
            {
                Replicas = rc.Spec.Replicas,
                MinReadySeconds = rc.Spec.MinReadySeconds,
                Selector = new V1LabelSelector { MatchLabels = rc.Spec.Selector },
                Template = rc.Spec.Template,
            },
            Status = rc.Status is not { } status ? null : new V1ReplicaSetStatus
            {
                Replicas = status.Replicas,
                FullyLabeledReplicas = status.FullyLabeledReplicas,
                ReadyReplicas = status.ReadyReplicas,
                AvailableReplicas = status.AvailableReplicas,
                ObservedGeneration = status.ObservedGeneration,
                Conditions = status.Conditions?.Select(c => new V1ReplicaSetCondition
                {
                    Type = c.Type, Status = c.Status, Reason = c.Reason, Message = c.Message, LastTransitionTime = c.LastTransitionTime,
                }).ToList(),
            },
        };
    }

    /// <inheritdoc/>
    protected override object Status(V1ReplicaSetStatus status) => new V1ReplicationControllerStatus
    {
        Replicas = status.Replicas,
        FullyLabeledReplicas = status.FullyLabeledReplicas,
        ReadyReplicas = status.ReadyReplicas,
        AvailableReplicas = status.AvailableReplicas,
        ObservedGeneration = status.ObservedGeneration,
        Conditions = status.Conditions?.Select(c => new V1ReplicationControllerCondition
        {
            Type = c.Type, Status = c.Status, Reason = c.Reason, Message = c.Message, LastTransitionTime = c.LastTransitionTime,
        }).ToList(),
    };
}
