using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Namespaces;

/// <summary>Namespaces.</summary>
public static class NamespaceDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Namespace",
        Plural = "namespaces",
        Namespaced = false,
        Model = typeof(V1Namespace),
        Facts = NamespaceSchema.Facts,
        ShortNames = ["ns"],
        Subresources = ["status", "finalize"],
        NameRule = Names.Label,
        KeptAnnotations = [LocalVolumes.ClassMadeAnnotation],
        Columns = [Column.Name, Column.Field("Status", "status.phase"), Column.Age],
        FieldLabels = [FieldLabel.Text("status.phase"), new("name", o => FieldLabel.Leaf(o, "metadata.name"))],
        Strategy = new NamespaceStrategy(),
    };
}
