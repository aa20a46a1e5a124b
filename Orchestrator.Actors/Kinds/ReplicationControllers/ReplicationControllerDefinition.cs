using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicationControllers;

/// <summary>ReplicationControllers.</summary>
public static class ReplicationControllerDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "ReplicationController",
        Plural = "replicationcontrollers",
        Model = typeof(V1ReplicationController),
        Facts = ReplicationControllerSchema.Facts,
        ShortNames = ["rc"],
        Subresources = ["status", "scale"],
        Categories = ["all"],
        Columns =
        [
            Column.Name,
            Column.Field("Desired", "spec.replicas", "1"),
            Column.Field("Current", "status.replicas", "0"),
            Column.Field("Ready", "status.readyReplicas", "0"),
            Column.Age,
            .. Column.Containers(),
            Column.Labels("Selector", "spec.selector"),
        ],
        FieldLabels = [FieldLabel.Number("status.replicas")],
        Strategy = new ReplicationControllerStrategy(),
    };
}
