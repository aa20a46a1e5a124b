using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.APIServices;

/// <summary>APIServices.</summary>
public static class APIServiceDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apiregistration.k8s.io",
        Kind = "APIService",
        Plural = "apiservices",
        Namespaced = false,
        Model = typeof(V1APIService),
        Facts = APIServiceSchema.Facts,
        Subresources = ["status"],
        Categories = ["api-extensions"],
        Columns =
        [
            Column.Name,
            new("Service", r => r.Text("spec.service.name") is { } name ? $"{r.Text("spec.service.namespace")}/{name}" : "Local"),
            Column.Age,
        ],
        Support = Support.Stored,
    };
}
