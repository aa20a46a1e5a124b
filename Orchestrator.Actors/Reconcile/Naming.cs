using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Wakes those who name an object in their spec or annotations (<see cref="ResourceDefinition.References"/>).</summary>
internal static class Naming
{
    /// <summary>A change of an object wakes the objects of a kind that name it: one look-up, and not a scan of all of them.</summary>
    /// <param name="naming">Kind of those who name.</param>
    /// <param name="isNamed">Whether they can name objects of a kind.</param>
    /// <param name="isConcerned">Whether one of them is woken; all are if null.</param>
    public static WakeRule By(ResourceDefinition naming, Func<ResourceDefinition, bool> isNamed, Func<KubeObject, IClusterView, bool>? isConcerned = null) => new(
        o => isNamed(o.Kind) ? new(o.Namespace, o.Key.PersistenceId) : null,
        (concern, view) => view.Indexed(IndexKey.Reference(ObjectKey.Parse(concern.Name)!)).Where(o => o.Kind == naming && isConcerned?.Invoke(o, view) != false).Select(o => o.Key));
}
