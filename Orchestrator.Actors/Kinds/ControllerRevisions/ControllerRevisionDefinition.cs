using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ControllerRevisions;

/// <summary>ControllerRevisions.</summary>
public static class ControllerRevisionDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "apps",
        Kind = "ControllerRevision",
        Plural = "controllerrevisions",
        Model = typeof(V1ControllerRevision),
        Facts = ControllerRevisionSchema.Facts,
        IsAdoptable = true,
        Columns =
        [
            Column.Name,
            new("Controller", r => r.Object.Controller is { } owner ? $"{owner.Kind.ToLowerInvariant()}{(owner.Group.Length > 0 ? "." + owner.Group : "")}/{owner.Name}" : "<none>"),
            Column.Field("Revision", "revision", "0"),
            Column.Age,
        ],
    };
}
