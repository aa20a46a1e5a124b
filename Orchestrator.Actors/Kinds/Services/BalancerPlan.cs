using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Gives a Service of type LoadBalancer its addresses, in its status. One of a pool is reserved first, as a cluster IP is. Pure.</summary>
internal static class BalancerPlan
{
    private const string By = "system:service-load-balancer";
    private const string Component = "service-load-balancer";
    private const string Failed = "AllocationFailed";
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    /// <summary>The addresses of nodes, with which those of Services change.</summary>
    public static readonly WakeRule Wake = new(o => o.Kind == NodeDefinition.Instance ? new("", "") : null,
        (_, view) => view.All(ServiceDefinition.Instance).Where(s => IsOurs(s.As<V1Service>())).Select(s => s.Key));

    /// <summary>Whether it is for us to give a Service its addresses.</summary>
    public static bool IsOurs(V1Service service) => service.Spec is { Type: "LoadBalancer", LoadBalancerClass: null or "" or LoadBalancing.Class };

    /// <summary>Plans for a Service.</summary>
    /// <param name="self">The Service.</param>
    /// <param name="service">The same.</param>
    /// <param name="balancing">Where load balancers get their addresses.</param>
    /// <param name="taken">The ports that others have, so that it gets no such address of a node.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="context">Time and cause.</param>
    public static ControllerPlan For(KubeObject self, V1Service service, LoadBalancing balancing, IEnumerable<TakenPort> taken, IClusterView view, PlanContext context)
    {
        if (!IsOurs(service) || (!balancing.IsByNodes && balancing.Pool.IsEmpty))
        {
            return ControllerPlan.Nothing;
        }

        return balancing.IsByNodes ? OfNodes(self, service, taken, view, context) : OfPool(self, service, balancing, view, context);
    }

    /// <summary>The addresses of nodes that a Service has if nobody else has its ports there. Those of Local lead to where its pods are, and nowhere else.</summary>
    public static IReadOnlyList<string> AddressesOfNodes(KubeObject self, V1Service service, IClusterView view)
    {
        var (nodes, families) = (view.All(NodeDefinition.Instance).Where(OuterNodes.TakesLoad), ServiceFamilies.Of(service.Spec));
        if (service.Spec.ExternalTrafficPolicy != ServiceForm.Local)
        {
            return OuterNodes.AddressesOf(nodes, families);
        }

        // A pod may have an address of one family alone.
        var having = (service.Spec.Selector is { Count: > 0 } ? ServicePods.Of(self, service, view) : []).Where(e => e.IsReady).Select(e => (e.Node, e.Family)).ToHashSet();
        return [.. families.SelectMany(f => OuterNodes.AddressesOf(nodes.Where(n => having.Contains((n.Name, f))), [f])).Order(StringComparer.Ordinal)];
    }

    private static ControllerPlan OfNodes(KubeObject self, V1Service service, IEnumerable<TakenPort> taken, IClusterView view, PlanContext context)
    {
        var all = AddressesOfNodes(self, service, view);
        var given = Given(self, [.. all.Except(taken.Select(t => t.Address))], context);
        return all.Count == 0
            ? Fault(given, service.Spec.ExternalTrafficPolicy == ServiceForm.Local ? "no node has a pod of the Service that is ready (externalTrafficPolicy: Local)" : "no node is ready that takes load", null)
            : service.Spec.LoadBalancerIP is { Length: > 0 } asked ? Fault(given, $"loadBalancerIP {asked} is not heeded, because load balancers have the addresses of nodes (setting load-balancer)", null)
            : new ControllerPlan(given, null);
    }

    private static ControllerPlan OfPool(KubeObject self, V1Service service, LoadBalancing balancing, IClusterView view, PlanContext context)
    {
        var own = view.Indexed(IndexKey.Reference(self.Key)).Where(o => o.Kind == IPAddressDefinition.Instance && balancing.Has(o.Name)).Select(o => o.Name).Order(StringComparer.Ordinal).ToList();
        var taken = context.RejectedCommands.Where(r => r.Error.Reason == ApiReason.AlreadyExists).Select(r => r.Command.Key.Name).ToHashSet();
        var asked = service.Spec.LoadBalancerIP is { Length: > 0 } said ? AddressNames.Canonical(said) : null;
        if (asked is not null && !balancing.Has(asked))
        {
            return Fault(Given(self, [], context), $"loadBalancerIP {asked} is not an address of the setting load-balancer", Again);
        }

        var families = ServiceFamilies.Of(service.Spec);
        if ((asked is not null && !families.Contains(IpFamilies.Of(asked)!)) || !families.Any(f => balancing.AddressesOf(f).Any()))
        {
            return Fault(Given(self, [], context), asked is null ? $"the setting load-balancer has no addresses of {string.Join(" or ", families)}" : $"loadBalancerIP {asked} is not of a family of the Service (ipFamilies)", Again);
        }

        // One of each family that both have.
        var chosen = new List<string>();
        foreach (var family in families.Where(f => balancing.AddressesOf(f).Any()))
        {
            var wanted = asked is not null && IpFamilies.Of(asked) == family ? asked : null;
            var address = wanted ?? own.FirstOrDefault(a => IpFamilies.Of(a) == family) ?? balancing.AddressesOf(family).FirstOrDefault(a => !taken.Contains(a) && IsFree(a));
            if (address is null || (wanted is not null && (taken.Contains(wanted) || !IsFree(wanted))))
            {
                return Fault(Given(self, [], context), wanted is null ? $"all addresses of {family} of the setting load-balancer are in use" : $"loadBalancerIP {wanted} is in use by another Service", Again);
            }

            chosen.Add(address);
        }

        var release = own.Except(chosen).Select(a => (ObjectCommand)new DeleteObject(ServiceReservations.Of(a), By, context.Cause));
        return chosen.Except(own).ToList() is { Count: > 0 } missing
            ? new ControllerPlan([.. release, .. missing.Select(a => new CreateObject(ServiceReservations.Of(a), ServiceReservations.Create(ServiceReservations.Of(a), self.Key), By, context.Cause))], null)
            : new ControllerPlan([.. release, .. Given(self, chosen, context, ServiceReservations.OfPool)], null);

        bool IsFree(string candidate) => view.Find(ServiceReservations.Of(candidate)) is not { } reserved || ServiceReservations.IsFor(reserved, self.Key);
    }

    private static ControllerPlan Fault(ImmutableArray<ObjectCommand> commands, string message, TimeSpan? again) =>
        new(commands, again) { Findings = [new Finding(message, new RecordedEvent("Warning", Failed, $"Failed to allocate an address: {message}", Component), By)] };

    private static ImmutableArray<ObjectCommand> Given(KubeObject self, IReadOnlyList<string> addresses, PlanContext context, string? mode = null) =>
        BalancerStatus.Patch(self, addresses, mode) is { } status ? [new MergeObject(self.Key, self.Uid, status, "balanced", By, context.Cause)] : [];
}
