using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.IngressClasses;

/// <summary>IngressClasses.</summary>
public static class IngressClassDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "networking.k8s.io",
        Kind = "IngressClass",
        Plural = "ingressclasses",
        Namespaced = false,
        Model = typeof(V1IngressClass),
        Facts = IngressClassSchema.Facts,
        Columns =
        [
            Column.Name,
            Column.Field("Controller", "spec.controller"),
            new("Parameters", r => r.Text("spec.parameters.kind") is { } kind ? $"{kind}{(r.Text("spec.parameters.apiGroup") is { } group ? "." + group : "")}/{r.Text("spec.parameters.name")}" : "<none>"),
            Column.Age,
        ],
        Strategy = new IngressClassStrategy(),
    };

    /// <summary>Whether the nodes of this cluster serve the Ingresses of a class.</summary>
    public static bool IsOurs(KubeObject ingressClass) => ingressClass.As<V1IngressClass>().Spec?.Controller == IngressClassNames.Controller;
}
