using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.VolumeAttachments;

/// <summary>What the model classes of VolumeAttachments do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class VolumeAttachmentSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1VolumeAttachment
          spec required
        V1VolumeAttachmentSpec
          attacher required
          nodeName required
          source required
        V1VolumeAttachmentStatus
          attached required
        """);
}
