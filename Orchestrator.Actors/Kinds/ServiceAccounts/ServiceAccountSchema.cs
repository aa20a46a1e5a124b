using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ServiceAccounts;

/// <summary>What the model classes of ServiceAccounts do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ServiceAccountSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ServiceAccount
          secrets list=name merge=name
        Authenticationv1TokenRequest
          spec required
        V1TokenRequestSpec
          audiences required
        """);
}
