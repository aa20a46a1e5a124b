using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Reconcile;

/// <summary>What controllers share that own objects by a selector: whom an orphan wakes, and what may be claimed.</summary>
/// <remarks>Kubernetes, "Garbage Collection", ownership by controllers.</remarks>
internal static class Adoption
{
    /// <summary>An object without a controller wakes all objects of its namespace that may adopt it.</summary>
    /// <param name="adopters">Kind of those who adopt.</param>
    /// <param name="dependents">Kind of what they adopt.</param>
    public static WakeRule By(ResourceDefinition adopters, ResourceDefinition dependents) => new(
        o => o.Kind == dependents && o.Controller is null ? new(o.Namespace, "") : null,
        (concern, view) => view.All(adopters, concern.Namespace).Select(a => a.Key));

    /// <summary>The objects of a kind that belong to an object, and those of its namespace that belong to nobody.</summary>
    public static IEnumerable<KubeObject> Candidates(KubeObject self, IClusterView view, ResourceDefinition dependents) =>
        view.Indexed(IndexKey.Owner(self.Uid)).Concat(view.Indexed(IndexKey.Orphans(dependents, self.Namespace))).Where(o => o.Kind == dependents).DistinctBy(o => o.Name);
}
