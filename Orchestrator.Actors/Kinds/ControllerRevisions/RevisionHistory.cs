using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Workloads;
using k8s.Models;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.ControllerRevisions;

/// <summary>A workload whose pod templates are kept as ControllerRevisions.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Template">Its present template.</param>
/// <param name="Limit">How many revisions are kept besides those in use (<c>revisionHistoryLimit</c>).</param>
/// <param name="CollisionCount">How often the name of a revision was taken (<c>status.collisionCount</c>).</param>
/// <param name="HashLabel">Label of a revision that holds its hash.</param>
internal sealed record RevisedWorkload(ResourceDefinition Kind, V1ObjectMeta Metadata, V1PodTemplateSpec Template, int Limit, int? CollisionCount, string HashLabel);

/// <summary>What the history of a workload needs.</summary>
/// <param name="Update">The revision of the present template; null until it is stored.</param>
/// <param name="Create">The revision to store; null if it is there.</param>
/// <param name="Renumber">The new number of <paramref name="Update"/>, because the workload went back to it; null if it is the newest.</param>
/// <param name="CollisionCount">See <see cref="RevisedWorkload.CollisionCount"/>.</param>
internal sealed record RevisionPlan(TemplateRevision? Update, V1ControllerRevision? Create, long? Renumber, int? CollisionCount);

/// <summary>Keeps the pod templates of daemon sets and stateful sets, so that they can be shown and rolled back to. Pure.</summary>
/// <remarks>Kubernetes, "DaemonSet Rolling Update" and "StatefulSets", ControllerRevision. What a revision holds is a strategic merge patch of the workload:
/// <c>kubectl rollout undo</c> applies it as it is.</remarks>
internal static class RevisionHistory
{
    /// <summary>Finds the revision of the present template, or plans it.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="owned">Its revisions.</param>
    /// <param name="isTaken">Whether a revision of somebody else has a name.</param>
    public static RevisionPlan Plan(RevisedWorkload workload, IReadOnlyList<TemplateRevision> owned, Func<string, bool> isTaken)
    {
        var newest = owned.Select(r => r.Number).DefaultIfEmpty(0).Max();
        if (owned.Where(r => TemplateHash.SameTemplate(r.Template, workload.Template)).OrderBy(r => r.Number).ThenBy(r => r.Name, StringComparer.Ordinal).LastOrDefault() is { } same)
        {
            return new RevisionPlan(same, null, same.Number < newest ? newest + 1 : null, workload.CollisionCount);
        }

        var collisions = workload.CollisionCount;
        var created = NewRevision(workload, newest + 1, collisions);
        while (owned.Any(r => r.Name == created.Metadata.Name) || isTaken(created.Metadata.Name))
        {
            collisions = (collisions ?? 0) + 1;
            created = NewRevision(workload, newest + 1, collisions);
        }

        return new RevisionPlan(null, created, null, collisions);
    }

    /// <summary>The revisions beyond the limit that nothing uses, oldest first.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="owned">Its revisions.</param>
    /// <param name="isInUse">Whether the workload or one of its pods has a revision.</param>
    public static IReadOnlyList<TemplateRevision> Outdated(RevisedWorkload workload, IReadOnlyList<TemplateRevision> owned, Func<TemplateRevision, bool> isInUse)
    {
        var unused = owned.Where(r => !isInUse(r) && !r.Object.IsDeleting).OrderBy(r => r.Number).ToList();
        return unused[..Math.Max(0, unused.Count - workload.Limit)];
    }

    private static V1ControllerRevision NewRevision(RevisedWorkload workload, long number, int? collisions)
    {
        var hash = TemplateHash.Of(workload.Template, collisions);
        var template = (JsonObject)Models.ToNode(workload.Template);
        template["$patch"] = "replace";
        var labels = new Dictionary<string, string>(workload.Template.Metadata?.Labels ?? new Dictionary<string, string>()) { [workload.HashLabel] = hash };
        return new V1ControllerRevision
        {
            ApiVersion = "apps/v1",
            Kind = "ControllerRevision",
            Metadata = new V1ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{workload.Metadata.Name}-{hash}"),
                NamespaceProperty = workload.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = workload.Metadata.Annotations?.Where(a => a.Key != "kubectl.kubernetes.io/last-applied-configuration").ToDictionary(),
                OwnerReferences = [ControllerRefs.ReferenceTo(workload.Kind.ApiVersion, workload.Kind.Kind, workload.Metadata)],
            },
            Data = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } },
            Revision = number,
        };
    }
}
