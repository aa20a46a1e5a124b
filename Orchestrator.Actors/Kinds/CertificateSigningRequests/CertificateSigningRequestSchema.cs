using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.CertificateSigningRequests;

/// <summary>What the model classes of CertificateSigningRequests do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CertificateSigningRequestSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1CertificateSigningRequest
          spec required
        V1CertificateSigningRequestCondition
          status required
          type required
        V1CertificateSigningRequestSpec
          request required
          signerName required
        V1CertificateSigningRequestStatus
          conditions list=type
        """);
}
