using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>DaemonSets.</summary>
public static class DaemonSetDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apps",
        Kind = "DaemonSet",
        Plural = "daemonsets",
        Model = typeof(V1DaemonSet),
        Facts = DaemonSetSchema.Facts,
        ShortNames = ["ds"],
        Subresources = ["status"],
        Categories = ["all"],
        Columns =
        [
            Column.Name,
            Column.Field("Desired", "status.desiredNumberScheduled", "0"),
            Column.Field("Current", "status.currentNumberScheduled", "0"),
            Column.Field("Ready", "status.numberReady", "0"),
            Column.Field("Up-to-date", "status.updatedNumberScheduled", "0"),
            Column.Field("Available", "status.numberAvailable", "0"),
            Column.Labels("Node Selector", "spec.template.spec.nodeSelector", isWide: false),
            Column.Age,
            .. Column.Containers(),
            Column.Labels("Selector", "spec.selector.matchLabels"),
        ],
        Strategy = new DaemonSetStrategy(),
        References = StartAfter.References,
        Annotations = [StartAfter.Annotation],
        KeptAnnotations = [DaemonPod.FailuresAnnotation],
        Completion = o => o.As<V1DaemonSet>() is var s && s.Status?.ObservedGeneration >= s.Metadata.Generation && (s.Status?.NumberAvailable ?? 0) >= (s.Status?.DesiredNumberScheduled ?? 0) ? Completion.Complete : Completion.Incomplete,
    };
}
