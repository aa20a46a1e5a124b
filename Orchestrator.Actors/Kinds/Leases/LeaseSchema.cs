using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Leases;

/// <summary>What the model classes of Leases do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class LeaseSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1LeaseSpec
          acquireTime microTime
          renewTime microTime
        """);
}
