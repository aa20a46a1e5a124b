using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>What a volume names: the claim that it is reserved for, or its class while nobody has it, its node, and its driver. So claims and agents find volumes without a scan.</summary>
internal static class VolumeReferences
{
    /// <summary>Reads them.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject volume) =>
    [
        volume["spec"]?["claimRef"] is JsonObject claim ? PersistentVolumeClaimDefinition.Instance.Key((string?)claim["namespace"], (string?)claim["name"] ?? "")
            : StorageClassDefinition.Instance.Key(null, (string?)volume["metadata"]?["annotations"]?[VolumeAnnotations.FormerClass] ?? (string?)volume["spec"]?["storageClassName"] ?? ""),
        .. LocalVolumes.NodeOf(volume) is { Length: > 0 } node ? (ObjectKey[])[NodeDefinition.Instance.Key(null, node)] : [],
        .. (string?)volume["spec"]?["csi"]?["driver"] is { Length: > 0 } driver ? (ObjectKey[])[CSIDriverDefinition.Instance.Key(null, driver)] : [],
    ];
}
