using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>CustomResourceDefinitions.</summary>
public static class CustomResourceDefinitionDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apiextensions.k8s.io",
        Kind = "CustomResourceDefinition",
        Plural = "customresourcedefinitions",
        Namespaced = false,
        Model = typeof(V1CustomResourceDefinition),
        Facts = CustomResourceDefinitionSchema.Facts,
        ShortNames = ["crd", "crds"],
        Subresources = ["status"],
        Categories = ["api-extensions"],
        Columns = [Column.Name, Column.Field("Created At", "metadata.creationTimestamp")],
        Strategy = new CustomResourceDefinitionStrategy(),
        Defines = CustomKind.Read,
    };
}
