using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.CSINodes;

/// <summary>What the model classes of CSINodes do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CSINodeSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1CSINode
          spec required
        V1CSINodeDriver
          name required
          nodeID required
        V1CSINodeSpec
          drivers required list=name merge=name
        V1CSINodeStatus
          storageHealth list=name merge=name
        V1StorageHealth
          name required
        V1StorageHealthCondition
          reason required
          status required enum=StorageDegraded|StorageUnreachable
        """);
}
