using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.CSIDrivers;

/// <summary>What the model classes of CSIDrivers do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CSIDriverSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Storagev1TokenRequest
          audience required
        V1CSIDriver
          spec required
        V1CSIDriverSpec
          volumeLifecycleModes set
        """);
}
