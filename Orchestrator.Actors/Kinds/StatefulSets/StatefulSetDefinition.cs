using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>StatefulSets.</summary>
public static class StatefulSetDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apps",
        Kind = "StatefulSet",
        Plural = "statefulsets",
        Model = typeof(V1StatefulSet),
        Facts = StatefulSetSchema.Facts,
        ShortNames = ["sts"],
        Subresources = ["status", "scale"],
        Categories = ["all"],
        Columns =
        [
            Column.Name,
            new("Ready", r => $"{r.Text("status.readyReplicas") ?? "0"}/{r.Text("spec.replicas") ?? "1"}"),
            Column.Age,
            .. Column.Containers(),
        ],
        NameRule = Names.Label, // It is a part of host names.
        Strategy = new StatefulSetStrategy(),
        References = StartAfter.References,
        Annotations = [StartAfter.Annotation],
        Completion = o => o.As<V1StatefulSet>() is var s && s.Status?.ObservedGeneration >= s.Metadata.Generation && (s.Status?.AvailableReplicas ?? 0) >= (s.Spec.Replicas ?? 1) ? Completion.Complete : Completion.Incomplete,
    };
}
