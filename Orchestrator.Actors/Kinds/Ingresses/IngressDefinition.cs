using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Ingresses.</summary>
public static class IngressDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "networking.k8s.io",
        Kind = "Ingress",
        Plural = "ingresses",
        Model = typeof(V1Ingress),
        Facts = IngressSchema.Facts,
        ShortNames = ["ing"],
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            Column.Field("Class", "spec.ingressClassName", "<none>"),
            new("Hosts", r => Hosts(r.At("spec.rules") as JsonArray ?? [])),
            new("Address", r => string.Join(',', (r.At("status.loadBalancer.ingress") as JsonArray ?? []).Select(i => (string?)i?["ip"] ?? (string?)i?["hostname"]))),
            new("Ports", r => r.At("spec.tls") is JsonArray { Count: > 0 } ? "80, 443" : "80"),
            Column.Age,
        ],
        Annotations = IngressSettings.Annotations,
        References = IngressReferences.Of,
        Strategy = new IngressStrategy(),
    };

    private static string Hosts(JsonArray rules) => rules.Select(r => (string?)r?["host"]).Where(h => !string.IsNullOrEmpty(h)).ToList() is { Count: > 0 } hosts ? string.Join(',', hosts) : "*";
}
