using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>What the model classes of NetworkPolicies do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class NetworkPolicySchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1IPBlock
          cidr required
        V1NetworkPolicySpec
          policyTypes enum=Egress|Ingress
        """);
}
