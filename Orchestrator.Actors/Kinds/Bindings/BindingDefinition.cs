using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Bindings;

/// <summary>Bindings: bind a pod to a node, for external schedulers. They are executed and not stored.</summary>
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
