using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Endpoints;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Keeps the EndpointSlices and the Endpoints of services with a selector. Gives services that were stored without an address, by an earlier version, what they lack, and
/// reserves anew what somebody gave free although a service has it (Kubernetes: endpoint controllers, and the repair loops of the API server).</summary>
/// <param name="ranges">The ranges of the cluster; null to give nothing.</param>
/// <param name="servers">The API servers, which are behind the Service <c>default/kubernetes</c>; null if nobody knows them.</param>
/// <param name="balancing">Where load balancers get their addresses; null to give none.</param>
public sealed class ServiceController(ServiceRanges? ranges = null, ApiServers? servers = null, LoadBalancing? balancing = null) : IController
{
    private const string By = "system:service-controller";
    private const string EndpointsBy = "system:endpoint-controller";
    private const string Manager = "endpointslice-controller.k8s.io";
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const string Component = "ipallocator-repair-controller";
    private const string HintsComponent = "endpoint-slice-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => ServiceDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        ServicePods.Wake,
        OuterPorts.Wake(balancing),
        ZoneShares.Wake,
        .. balancing?.IsByNodes == true ? (WakeRule[])[BalancerPlan.Wake] : [],
        new(o => ServiceReservations.IsOurs(o) && o.References is [var service, ..] ? new(service.Namespace, service.Name) : null,
            (concern, _) => [ServiceDefinition.Instance.Key(concern.Namespace, concern.Name)]),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting)
        {
            return ControllerPlan.Nothing;
        }

        var addressed = ranges is null ? ControllerPlan.Nothing : Addressed(self, ranges, view, context);
        var taken = OuterPorts.TakenFrom(self, balancing, view);
        var balanced = balancing is null ? ControllerPlan.Nothing : BalancerPlan.For(self, self.As<V1Service>(), balancing, taken, view, context);
        var connected = Endpoints(self, view, context);
        return new ControllerPlan([.. addressed.Commands, .. balanced.Commands, .. connected.Commands], addressed.RecheckAfter ?? balanced.RecheckAfter)
        {
            Findings = [.. addressed.Findings, .. balanced.Findings, .. OuterPorts.Found(taken), .. connected.Findings],
        };
    }

    private ControllerPlan Endpoints(KubeObject self, IClusterView view, PlanContext context)
    {
        var service = self.As<V1Service>();
        var owned = view.Indexed(IndexKey.Owner(self.Uid));

        // Others may keep slices of their own for the service.
        var slices = owned.Where(o => o.Kind == EndpointSliceDefinition.Instance && o.Labels.GetValueOrDefault(EndpointSlicePlanner.ManagerLabel) == Manager);
        if (service.Spec?.Type == "ExternalName")
        {
            // Whoever looks for endpoints of an alias must not find those of a former service.
            return new ControllerPlan([.. slices.Concat(owned.Where(o => o.Kind == EndpointsDefinition.Instance))
                .Select(o => new DeleteObject(o.Key, EndpointsBy, context.Cause, ExpectedUid: o.Uid, ExpectedRevision: o.Revision))], null);
        }

        var isApi = servers is not null && KubernetesService.Is(self.Key);
        if (service.Spec?.Selector is not { Count: > 0 } && !isApi)
        {
            return ControllerPlan.Nothing; // Somebody else makes them.
        }

        var isHeadless = service.Spec!.ClusterIP == ServiceForm.NoAddress;
        var labels = isHeadless ? self.Labels.Append(KeyValuePair.Create(HeadlessLabel, "")) : self.Labels;
        var endpoints = isApi ? KubernetesService.Endpoints(servers!.All) : ServicePods.Of(self, service, view);
        var owner = new SliceOwner(self, Manager, labels.DistinctBy(l => l.Key).ToDictionary(), EndpointsBy, context.Cause);
        var families = ServiceFamilies.Of(service.Spec);
        var (hinted, findings) = ZoneShares.IsAsked(service) && !isApi ? Hinted(endpoints, families, view) : (endpoints, []);
        var commands = EndpointSlicePlanner.Plan(owner, families, hinted, slices, context.NewSuffix);
        var former = EndpointsPlanner.Plan(self, isHeadless, [.. endpoints.Where(e => e.Family == families[0] && (!e.IsTerminating || service.Spec.PublishNotReadyAddresses == true))],
            view.Find(EndpointsDefinition.Instance.Key(self.Namespace, self.Name)), EndpointsBy, context.Cause);
        return new ControllerPlan(former is null ? [.. commands] : [.. commands, former], null) { Findings = findings };
    }

    // With hints by the CPU of zones, or with the reason why there are none.
    private static (IReadOnlyList<ServiceEndpoint> Endpoints, ImmutableArray<Finding> Findings) Hinted(IEnumerable<ServiceEndpoint> endpoints, IReadOnlyList<string> families, IClusterView view)
    {
        var (shares, hinted, findings) = (ZoneShares.Of(view), new List<ServiceEndpoint>(), ImmutableArray.CreateBuilder<Finding>());
        foreach (var family in families)
        {
            hinted.AddRange(ZoneShares.Hint([.. endpoints.Where(e => e.Family == family)], shares, out var obstacle));
            if (obstacle is not null)
            {
                var message = $"Endpoints of {family} have no hints and are for all zones: {obstacle}";
                findings.Add(new Finding(message, new RecordedEvent("Warning", "TopologyAwareHintsDisabled", message, HintsComponent), EndpointsBy));
            }
        }

        return (hinted, findings.ToImmutable());
    }

    private static ControllerPlan Addressed(KubeObject self, ServiceRanges ranges, IClusterView view, PlanContext context)
    {
        var outline = ServiceOutline.Of(self);
        if (!outline.IsComplete(ranges) && Lacking(self, ranges, view, context) is { } lacking)
        {
            return lacking;
        }

        outline.Complete(ranges);
        var held = outline.Reservations;
        var missing = held.Where(k => view.Find(k) is null).Select(k => (ObjectCommand)new CreateObject(k, ServiceReservations.Create(k, self.Key), By, context.Cause));
        var outside = (self.As<V1Service>().Spec.ClusterIPs ?? []).FirstOrDefault(a => a != ServiceForm.NoAddress && ranges.Of(IpFamilies.Of(a) ?? "")?.Has(a) != true);
        var inside = (self.As<V1Service>().Spec.ExternalIPs ?? []).FirstOrDefault(a => ranges.Of(IpFamilies.Of(a) ?? "")?.Has(AddressNames.Canonical(a)) == true);
        var foreign = held.Select(view.Find).OfType<KubeObject>().FirstOrDefault(r => !ServiceReservations.IsFor(r, self.Key));
        return new ControllerPlan([.. missing], null)
        {
            Findings =
            [
                .. foreign is null ? [] : (Finding[])[Found($"{foreign.Name} is assigned to another object by {foreign.Kind.Kind} {foreign.Name}; please recreate the service")],
                .. inside is null ? [] : (Finding[])[new Finding(inside, new RecordedEvent("Warning", "ExternalIPNotReached",
                    $"{inside} of externalIPs is within service-cidr ({string.Join(", ", ranges.Families)}), whose addresses are of one Service each, so nothing leads there: choose an address of the outside", Component), By)],
                .. outside is null ? [] : (Finding[])[Found($"{outside} is not within the setting service-cidr ({string.Join(", ", ranges.Families)}); please recreate the service")],
            ],
        };
    }

    // What is done about a service that lacks something; null if it does not.
    private static ControllerPlan? Lacking(KubeObject self, ServiceRanges ranges, IClusterView view, PlanContext context)
    {
        var node = self.ToNode();
        ServiceDefinition.Instance.Strategy.Default(node);
        var proposal = ServiceProposal.For(self.Key, node["spec"] as JsonObject ?? [], self, ranges, view, new HashSet<ObjectKey>());

        // Its entity chooses, and reserves it before it is stored.
        return proposal.Error is { } error ? new ControllerPlan([], TimeSpan.FromMinutes(1)) { Findings = [Found(error.Message)] }
            : proposal.Patch.Count > 0 ? new ControllerPlan([new ReplaceObject(self.Key, node, "", self.Revision, By, context.Cause)], null) : null;
    }

    private static Finding Found(string message) => new(message, new RecordedEvent("Warning", "ClusterIPNotAllocated", message, Component), By);
}
