using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.RuntimeClasses;

/// <summary>RuntimeClasses.</summary>
public static class RuntimeClassDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "node.k8s.io",
        Kind = "RuntimeClass",
        Plural = "runtimeclasses",
        Namespaced = false,
        Model = typeof(V1RuntimeClass),
        Facts = RuntimeClassSchema.Facts,
        Columns = [Column.Name, Column.Field("Handler", "handler"), Column.Age],
        Strategy = new RuntimeClassStrategy(),
    };
}
