using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>ReplicaSets.</summary>
public static class ReplicaSetDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apps",
        Kind = "ReplicaSet",
        Plural = "replicasets",
        Model = typeof(V1ReplicaSet),
        Facts = ReplicaSetSchema.Facts,
        ShortNames = ["rs"],
        Subresources = ["status", "scale"],
        Categories = ["all"],
        IsAdoptable = true,
        Columns =
        [
            Column.Name,
            Column.Field("Desired", "spec.replicas", "1"),
            Column.Field("Current", "status.replicas", "0"),
            Column.Field("Ready", "status.readyReplicas", "0"),
            Column.Age,
            .. Column.Containers(),
            Column.Labels("Selector", "spec.selector.matchLabels"),
        ],
        FieldLabels = [FieldLabel.Number("status.replicas")],
        Metrics = ReplicaSetMetrics.All,
        Strategy = new ReplicaSetStrategy(),
    };

    private sealed class ReplicaSetStrategy() : WorkloadStrategy("ReplicaSet");
}
