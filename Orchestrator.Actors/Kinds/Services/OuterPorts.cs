using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Says whose a port of an outer address is, where Services have the same addresses: those of the nodes, or <c>externalIPs</c>. It is the oldest one's; the packet rules of nodes are made so, too. Pure.</summary>
internal static class OuterPorts
{
    private const string By = "system:service-load-balancer";
    private const string Component = "service-load-balancer";
    private const char Between = ',';
    private const int MostNamed = 3;

    /// <summary>A change of a service wakes those that have a port of it, which they may get or lose.</summary>
    public static readonly WakeRule Wake = new(o => PortsOf(o) is { IsEmpty: false } ports ? new("", string.Join(Between, ports)) : null, (concern, view) =>
    {
        var ports = concern.Name.Split(Between);
        return view.All(ServiceDefinition.Instance).Where(s => PortsOf(s).Any(ports.Contains)).Select(s => s.Key);
    });

    /// <summary>Finds the ports that a service would have and older ones have. It looks at all Services, but goes through those alone that may have a port with it, or with one of these.</summary>
    public static IReadOnlyList<TakenPort> TakenFrom(KubeObject self, LoadBalancing? balancing, IClusterView view)
    {
        if (Outer.Of(self, balancing) is not { } own)
        {
            return [];
        }

        var (rivals, others) = (new List<Outer> { own }, view.All(ServiceDefinition.Instance).Where(s => s.Key != self.Key).Select(s => Outer.Of(s, balancing)).OfType<Outer>().ToList());
        for (var i = 0; i < rivals.Count && others.Count > 0; i++)
        {
            var met = others.ToLookup(rivals[i].MayMeet);
            rivals.AddRange(met[true]);
            others = [.. met[false]];
        }

        var outers = rivals.ToDictionary(r => r.Service.Key);
        var owners = new Dictionary<(string Address, string Port), KubeObject>();
        foreach (var service in rivals.Select(r => r.Service).OldestFirst<V1Service>())
        {
            var taken = Take(outers[service.Key], view, owners).ToList();
            if (service.Key == self.Key)
            {
                return taken;
            }
        }

        return [];
    }

    /// <summary>Tells of ports that a service does not get.</summary>
    public static IEnumerable<Finding> Found(IEnumerable<TakenPort> taken) => taken.GroupBy(t => (t.Port, Owner: $"{t.Owner.Namespace}/{t.Owner.Name}")).Select(g =>
    {
        var addresses = g.Select(t => t.Address).Distinct().ToList();
        var named = string.Join(", ", addresses.Take(MostNamed)) + (addresses.Count > MostNamed ? $" and {addresses.Count - MostNamed} more" : "");
        var message = $"Port {g.Key.Port} of {named} belongs to service {g.Key.Owner}, which is older: choose another port or have its owner delete it";
        return new Finding($"{g.Key}", new RecordedEvent("Warning", "PortTaken", message, Component), By);
    });

    // A load balancer has an address with all its ports or not at all: whoever is led there would meet somebody else's service at the others.
    private static IEnumerable<TakenPort> Take(Outer outer, IClusterView view, Dictionary<(string Address, string Port), KubeObject> owners)
    {
        var (service, ports) = (outer.Service, outer.Ports);
        foreach (var address in outer.Addresses)
        {
            foreach (var port in ports.Where(p => !owners.TryAdd((address, p), service) && owners[(address, p)] != service))
            {
                yield return new TakenPort(address, port, owners[(address, port)]);
            }
        }

        foreach (var address in outer.IsOfNodes ? BalancerPlan.AddressesOfNodes(service, service.As<V1Service>(), view) : [])
        {
            var before = ports.Where(p => owners.TryGetValue((address, p), out var owner) && owner != service).Select(p => new TakenPort(address, p, owners[(address, p)])).ToList();
            foreach (var port in before.Count == 0 ? ports : [])
            {
                owners[(address, port)] = service;
            }

            foreach (var port in before)
            {
                yield return port;
            }
        }
    }

    // Of services without an address of the cluster, nodes make no rules.
    private static ImmutableArray<string> PortsOf(KubeObject o) =>
        o.Kind == ServiceDefinition.Instance && o.As<V1Service>().Spec is { ClusterIP: not (null or "" or ServiceForm.NoAddress) } spec && (spec.Type == "LoadBalancer" || (spec.ExternalIPs is { Count: > 0 } && spec.Type != "ExternalName"))
            ? [.. (spec.Ports ?? []).Select(p => $"{p.Port}/{p.Protocol ?? "TCP"}")] : [];

    // A service with ports of outer addresses: those that it has of its own, as nodes see them, and those of the nodes, which are known later.
    private sealed record Outer(KubeObject Service, ImmutableArray<string> Ports, ImmutableArray<string> Addresses, bool IsOfNodes)
    {
        public static Outer? Of(KubeObject service, LoadBalancing? balancing)
        {
            if (PortsOf(service) is not { IsEmpty: false } ports)
            {
                return null;
            }

            var typed = service.As<V1Service>();
            var (isOfNodes, families) = (balancing?.IsByNodes == true && BalancerPlan.IsOurs(typed), ServiceFamilies.Of(typed.Spec));
            return new Outer(service, ports, [.. (typed.Spec.ExternalIPs ?? []).Concat(isOfNodes ? [] : GivenTo(typed)).Select(AddressNames.Canonical).Where(a => families.Contains(IpFamilies.Of(a))).Distinct()], isOfNodes);
        }

        // Any address may be one of a node.
        public bool MayMeet(Outer other) => Ports.Any(other.Ports.Contains) && (IsOfNodes || other.IsOfNodes || Addresses.Any(other.Addresses.Contains));

        private static IEnumerable<string> GivenTo(V1Service service) => (service.Status?.LoadBalancer?.Ingress ?? []).Where(i => i.Ip is not null && i.IpMode is null or "VIP").Select(i => i.Ip);
    }
}

/// <summary>A port of an address that is another service's.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">Number and protocol, such as <c>80/TCP</c>.</param>
/// <param name="Owner">The service that has it.</param>
internal sealed record TakenPort(string Address, string Port, KubeObject Owner);
