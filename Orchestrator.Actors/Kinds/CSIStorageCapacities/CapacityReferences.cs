using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.StorageClasses;

namespace Orchestrator.Actors.Kinds.CSIStorageCapacities;

/// <summary>What a CSIStorageCapacity names: its class.</summary>
internal static class CapacityReferences
{
    /// <summary>Reads them.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject capacity) => (string?)capacity["storageClassName"] is { Length: > 0 } name ? [StorageClassDefinition.Instance.Key(null, name)] : [];
}
