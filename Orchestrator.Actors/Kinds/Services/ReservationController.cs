using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Gives back what is reserved for a service that does not have it: its host stopped between the reservation and the service, or before it gave it back.</summary>
/// <param name="kind">The kind of the reservations.</param>
public sealed class ReservationController(ResourceDefinition kind) : IController
{
    /// <summary>Age from which a reservation that no service has is a left-over. A service is stored within half a minute, and the clocks of hosts differ. 3 min.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string By = "system:service-allocator";

    /// <inheritdoc/>
    public ResourceDefinition Kind => kind;

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting || !ServiceReservations.IsOurs(self) || self.References is not [var service, ..]
            || (view.Find(service) is { } holder && ServiceReservations.Of(holder).Contains(self.Key)))
        {
            return ControllerPlan.Nothing;
        }

        var left = (KubeTime.Read((string)self.ToNode()["metadata"]!["creationTimestamp"]!) ?? context.Now) + Patience - context.Now;
        return left > TimeSpan.Zero ? new ControllerPlan([], left) : new ControllerPlan([new DeleteObject(self.Key, By, context.Cause, ExpectedUid: self.Uid, ExpectedRevision: self.Revision)], null);
    }
}
