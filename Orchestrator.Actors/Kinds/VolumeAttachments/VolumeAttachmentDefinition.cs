using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.VolumeAttachments;

/// <summary>VolumeAttachments.</summary>
public static class VolumeAttachmentDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "storage.k8s.io",
        Kind = "VolumeAttachment",
        Plural = "volumeattachments",
        Namespaced = false,
        Model = typeof(V1VolumeAttachment),
        Facts = VolumeAttachmentSchema.Facts,
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            Column.Field("Attacher", "spec.attacher"),
            Column.Field("PV", "spec.source.persistentVolumeName"),
            Column.Field("Node", "spec.nodeName"),
            Column.Field("Attached", "status.attached", "false"),
            Column.Age,
        ],
        References = AttachReferences.Of,
        KeptAnnotations = [CsiAnnotations.Mounted, CsiAnnotations.UnusedSince],
    };
}
