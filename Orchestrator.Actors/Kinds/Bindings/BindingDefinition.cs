using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Bindings;

/// <summary>Bindings: the choice of a node for a pod, by a scheduler of somebody else. They are carried out and not stored.</summary>
public static class BindingDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Binding",
        Plural = "bindings",
        Verbs = ["create"],
        Model = typeof(V1Binding),
    };
}
