using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Gives services that were stored without an address, by an earlier version, what they lack, and reserves anew what somebody gave free although a service has it
/// (Kubernetes: the repair loops of the API server).</summary>
/// <param name="ranges">The ranges of the cluster; null to give nothing.</param>
public sealed class ServiceController(ServiceRanges? ranges = null) : IController
{
    private const string By = "system:service-controller";
    private const string Component = "ipallocator-repair-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => ServiceDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        new(o => ServiceReservations.IsOurs(o) && o.References is [var service, ..] ? new(service.Namespace, service.Name) : null,
            (concern, _) => [ServiceDefinition.Instance.Key(concern.Namespace, concern.Name)]),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (ranges is null || self.IsDeleting)
        {
            return ControllerPlan.Nothing;
        }

        var (node, held) = (self.ToNode(), ServiceReservations.Of(self));
        ServiceDefinition.Instance.Strategy.Default(node);
        var proposal = ServiceProposal.For(self.Key, node["spec"] as JsonObject ?? [], held, ranges, view, new HashSet<ObjectKey>());
        if (proposal.Error is { } error)
        {
            return new ControllerPlan([], TimeSpan.FromMinutes(1)) { Findings = [Found(error.Message)] };
        }

        // Its entity chooses, and reserves it before it is stored.
        if (proposal.Patch.Count > 0)
        {
            return new ControllerPlan([new ReplaceObject(self.Key, node, "", self.Revision, By, context.Cause, "allocated")], null);
        }

        var missing = held.Where(k => view.Find(k) is null).Select(k => (ObjectCommand)new CreateObject(k, ServiceReservations.Create(k, self.Key), By, context.Cause));
        var foreign = held.Select(view.Find).OfType<KubeObject>().FirstOrDefault(r => !ServiceReservations.IsFor(r, self.Key));
        return new ControllerPlan([.. missing], null)
        {
            Findings = foreign is null ? [] : [Found($"{foreign.Name} is assigned to another object by {foreign.Kind.Kind} {foreign.Name}; please recreate the service")],
        };
    }

    private static Finding Found(string message) => new(message, new RecordedEvent("Warning", "ClusterIPNotAllocated", message, Component), By);
}
