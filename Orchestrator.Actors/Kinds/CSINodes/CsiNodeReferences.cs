using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.CSINodes;

/// <summary>What a CSINode names: the drivers whose controller service runs on the node.</summary>
internal static class CsiNodeReferences
{
    /// <summary>Reads them.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject node) => ((string?)node["metadata"]?["annotations"]?[CsiAnnotations.Controllers] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(name => CSIDriverDefinition.Instance.Key(null, name));
}
