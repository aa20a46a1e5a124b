using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CertificateSigningRequests;

/// <summary>CertificateSigningRequests.</summary>
public static class CertificateSigningRequestDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "certificates.k8s.io",
        Kind = "CertificateSigningRequest",
        Plural = "certificatesigningrequests",
        Namespaced = false,
        Model = typeof(V1CertificateSigningRequest),
        Facts = CertificateSigningRequestSchema.Facts,
        ShortNames = ["csr"],
        Subresources = ["status", "approval"],
        Columns =
        [
            Column.Name,
            Column.Age,
            Column.Field("SignerName", "spec.signerName"),
            Column.Field("Requestor", "spec.username"),
            new("RequestedDuration", r => r.Text("spec.expirationSeconds") is { } seconds ? seconds + "s" : "<none>"),
            new("Condition", r => r.At("status.conditions") is JsonArray { Count: > 0 } conditions ? string.Join(',', conditions.Select(c => (string?)c?["type"])) : "Pending"),
        ],
        Support = Support.Stored,
    };
}
