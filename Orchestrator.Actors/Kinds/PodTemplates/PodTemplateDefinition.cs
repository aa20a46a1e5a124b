using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PodTemplates;

/// <summary>PodTemplates.</summary>
public static class PodTemplateDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "PodTemplate",
        Plural = "podtemplates",
        Model = typeof(V1PodTemplate),
        Columns =
        [
            Column.Name,
            .. Column.Containers("template.spec").Select(c => c with { IsWide = false }),
            Column.Labels("Pod Labels", "template.metadata.labels", isWide: false),
        ],
        Support = Support.Stored,
        Strategy = new PodTemplateStrategy(),
    };
}
