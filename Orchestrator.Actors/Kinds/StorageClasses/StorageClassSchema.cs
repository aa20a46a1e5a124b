using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.StorageClasses;

/// <summary>What the model classes of StorageClasses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class StorageClassSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1StorageClass
          provisioner required
          volumeBindingMode enum=Immediate|WaitForFirstConsumer
        V1TopologySelectorLabelRequirement
          key required
          values required
        """);
}
