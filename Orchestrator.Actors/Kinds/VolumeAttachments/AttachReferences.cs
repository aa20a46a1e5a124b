using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumes;

namespace Orchestrator.Actors.Kinds.VolumeAttachments;

/// <summary>What an attachment names: its volume, its node and its driver.</summary>
internal static class AttachReferences
{
    /// <summary>Reads them.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject attachment)
    {
        var spec = attachment["spec"];
        return
        [
            .. (string?)spec?["source"]?["persistentVolumeName"] is { Length: > 0 } volume ? (ObjectKey[])[PersistentVolumeDefinition.Instance.Key(null, volume)] : [],
            .. (string?)spec?["nodeName"] is { Length: > 0 } node ? (ObjectKey[])[NodeDefinition.Instance.Key(null, node)] : [],
            .. (string?)spec?["attacher"] is { Length: > 0 } driver ? (ObjectKey[])[CSIDriverDefinition.Instance.Key(null, driver)] : [],
        ];
    }
}
