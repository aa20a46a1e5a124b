using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Deployments.</summary>
public static class DeploymentDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apps",
        Kind = "Deployment",
        Plural = "deployments",
        Model = typeof(V1Deployment),
        Facts = DeploymentSchema.Facts,
        ShortNames = ["deploy"],
        Subresources = ["status", "scale"],
        Categories = ["all"],
        Columns =
        [
            Column.Name,
            new("Ready", r => $"{r.Text("status.readyReplicas") ?? "0"}/{r.Text("spec.replicas") ?? "1"}"),
            Column.Field("Up-to-date", "status.updatedReplicas", "0"),
            Column.Field("Available", "status.availableReplicas", "0"),
            Column.Age,
            .. Column.Containers(),
            Column.Labels("Selector", "spec.selector.matchLabels"),
        ],
        Metrics = DeploymentMetrics.All,
        Strategy = new DeploymentStrategy(),
        References = d => ConfigPin.References(d).Concat(StartAfter.References(d)),
        Annotations = [AutoRollback.Annotation, ConfigPin.Annotation, StartAfter.Annotation],
        KeptAnnotations = [AutoRollback.CompleteRevision, AutoRollback.From, AutoRollback.To, ConfigPace.Annotation, ConfigPin.Versions, StartAfter.SucceededAnnotation],
        Completion = DeploymentProgress.Completion,
    };
}
