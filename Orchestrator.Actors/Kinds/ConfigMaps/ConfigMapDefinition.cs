using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.ConfigMaps;

/// <summary>ConfigMaps.</summary>
public static class ConfigMapDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "ConfigMap",
        Plural = "configmaps",
        Model = typeof(V1ConfigMap),
        ShortNames = ["cm"],
        Columns = [Column.Name, new("Data", r => (r.As<V1ConfigMap>().Data?.Count ?? 0) + (r.As<V1ConfigMap>().BinaryData?.Count ?? 0)), Column.Age],
        Strategy = new ConfigMapStrategy(),
    };
}
