using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.CSIStorageCapacities;

/// <summary>What the model classes of CSIStorageCapacities do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CSIStorageCapacitySchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1CSIStorageCapacity
          storageClassName required
        """);
}
