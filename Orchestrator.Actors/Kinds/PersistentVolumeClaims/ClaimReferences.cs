using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>What a claim names: its volume, and until it has one its class and the node that was chosen for it. So those that wait are found without a scan.</summary>
internal static class ClaimReferences
{
    /// <summary>Key of what claims without a class name.</summary>
    public static readonly ObjectKey NoClass = StorageClassDefinition.Instance.Key(null, "");

    /// <summary>Reads them.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject claim) => (string?)claim["spec"]?["volumeName"] is { Length: > 0 } volume
        ? [PersistentVolumeDefinition.Instance.Key(null, volume)]
        :
        [
            StorageClassDefinition.Instance.Key(null, (string?)claim["metadata"]?["annotations"]?[VolumeAnnotations.FormerClass] ?? (string?)claim["spec"]?["storageClassName"] ?? ""),
            .. (string?)claim["metadata"]?["annotations"]?[VolumeAnnotations.SelectedNode] is { Length: > 0 } node ? (ObjectKey[])[NodeDefinition.Instance.Key(null, node)] : [],
        ];
}
