using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.FlowSchemas;

/// <summary>FlowSchemas.</summary>
public static class FlowSchemaDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "flowcontrol.apiserver.k8s.io",
        Kind = "FlowSchema",
        Plural = "flowschemas",
        Namespaced = false,
        Model = typeof(V1FlowSchema),
        Facts = FlowSchemaSchema.Facts,
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            Column.Field("PriorityLevel", "spec.priorityLevelConfiguration.name"),
            Column.Field("MatchingPrecedence", "spec.matchingPrecedence"),
            Column.Field("DistinguisherMethod", "spec.distinguisherMethod.type", "<none>"),
            Column.Age,
        ],
        Support = Support.Stored,
    };
}
