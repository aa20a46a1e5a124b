using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Says whose a port of an outer address is, where Services have the same addresses: those of the nodes, or <c>externalIPs</c>. It is whose the address was given out of the pool, and else the oldest one's; the packet rules of nodes are made so, too. Pure.</summary>
internal static class OuterPorts
{
    private const string By = "system:service-load-balancer";
    private const string Component = "service-load-balancer";
    private const int MostNamed = 3;

    /// <summary>A change of a service wakes those that may have a port of an address with it, which they may get or lose.</summary>
    public static WakeRule Wake(LoadBalancing? balancing) => new(o => o.Kind == ServiceDefinition.Instance && Outer.Of(o, balancing) is { } outer ? new("", outer.Reach.Text) : null, (concern, view) =>
    {
        var reach = OuterReach.Of(concern.Name);
        return view.All(ServiceDefinition.Instance).Where(s => Outer.Of(s, balancing)?.Reach.MayMeet(reach) == true).Select(s => s.Key);
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
            var met = others.ToLookup(o => rivals[i].Reach.MayMeet(o.Reach));
            rivals.AddRange(met[true]);
            others = [.. met[false]];
        }

        var outers = rivals.ToDictionary(r => r.Service.Key);
        var (ordered, owners) = (rivals.Select(r => r.Service).OldestFirst<V1Service>().Select(s => outers[s.Key]).ToList(), new Dictionary<(string Address, string Port), (KubeObject Service, bool IsGiven)>());
        foreach (var outer in ordered)
        {
            outer.Given.ForEach(a => outer.Reach.Ports.ForEach(p => owners.TryAdd((a, p), (outer.Service, true))));
        }

        var ofNodes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var outer in ordered)
        {
            var taken = Take(outer, AddressesOfNodes(outer, view, ofNodes), owners).ToList();
            if (outer.Service.Key == self.Key)
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
        var why = g.First().IsGiven ? "to which the address was given" : "which is older";
        var message = $"Port {g.Key.Port} of {named} belongs to service {g.Key.Owner}, {why}: choose another port or have its owner delete it";
        return new Finding($"{g.Key}", new RecordedEvent("Warning", "PortTaken", message, Component), By);
    });

    // A load balancer has an address with all its ports or not at all: whoever is led there would meet somebody else's service at the others.
    private static IEnumerable<TakenPort> Take(Outer outer, IEnumerable<string> ofNodes, Dictionary<(string Address, string Port), (KubeObject Service, bool IsGiven)> owners)
    {
        var (service, ports) = (outer.Service, outer.Reach.Ports);
        foreach (var address in outer.Reach.Addresses)
        {
            foreach (var port in ports.Where(p => !owners.TryAdd((address, p), (service, false)) && owners[(address, p)].Service != service))
            {
                yield return Taken(address, port);
            }
        }

        foreach (var address in ofNodes)
        {
            var before = ports.Where(p => owners.TryGetValue((address, p), out var owner) && owner.Service != service).Select(p => Taken(address, p)).ToList();
            foreach (var port in before.Count == 0 ? ports : [])
            {
                owners[(address, port)] = (service, false);
            }

            foreach (var port in before)
            {
                yield return port;
            }
        }

        TakenPort Taken(string address, string port) => new(address, port, owners[(address, port)].Service, owners[(address, port)].IsGiven);
    }

    // The same for all of the same families, but for those that look at their pods.
    private static IReadOnlyList<string> AddressesOfNodes(Outer outer, IClusterView view, Dictionary<string, IReadOnlyList<string>> known)
    {
        var service = outer.Service.As<V1Service>();
        var families = string.Join(',', ServiceFamilies.Of(service.Spec));
        return !outer.Reach.IsOfNodes ? [] : service.Spec.ExternalTrafficPolicy == ServiceForm.Local ? BalancerPlan.AddressesOfNodes(outer.Service, service, view)
            : known.TryGetValue(families, out var addresses) ? addresses : known[families] = BalancerPlan.AddressesOfNodes(outer.Service, service, view);
    }

    // Of services without an address of the cluster, nodes make no rules.
    private static ImmutableList<string> PortsOf(KubeObject o) =>
        o.As<V1Service>().Spec is { ClusterIP: not (null or "" or ServiceForm.NoAddress) } spec && (spec.Type == "LoadBalancer" || (spec.ExternalIPs is { Count: > 0 } && spec.Type != "ExternalName"))
            ? [.. (spec.Ports ?? []).Select(p => $"{p.Port}/{p.Protocol ?? "TCP"}")] : [];

    // A service with ports of outer addresses, and those of them that it was given out of the pool.
    private sealed record Outer(KubeObject Service, OuterReach Reach, ImmutableList<string> Given)
    {
        public static Outer? Of(KubeObject service, LoadBalancing? balancing)
        {
            if (PortsOf(service) is not { IsEmpty: false } ports)
            {
                return null;
            }

            var typed = service.As<V1Service>();
            var (isOfNodes, families) = (balancing?.IsByNodes == true && BalancerPlan.IsOurs(typed), ServiceFamilies.Of(typed.Spec));
            return new Outer(service, new OuterReach(ports, Own((typed.Spec.ExternalIPs ?? []).Concat(isOfNodes ? [] : Ingress(typed, m => m is null or ServiceReservations.OfPool))), isOfNodes),
                BalancerPlan.IsOurs(typed) ? Own(Ingress(typed, m => m == ServiceReservations.OfPool)) : []);

            ImmutableList<string> Own(IEnumerable<string> texts) => [.. texts.Select(AddressNames.Canonical).Where(a => families.Contains(IpFamilies.Of(a))).Distinct()];
        }

        private static IEnumerable<string> Ingress(V1Service service, Func<string?, bool> hasMode) => (service.Status?.LoadBalancer?.Ingress ?? []).Where(i => i.Ip is not null && hasMode(i.IpMode)).Select(i => i.Ip);
    }

    // Ports of outer addresses: of those that a service has of its own, as nodes see them, or of those of the nodes too, which are known later.
    private sealed record OuterReach(ImmutableList<string> Ports, ImmutableList<string> Addresses, bool IsOfNodes)
    {
        private const char Between = ',';
        private const char Part = ' ';
        private const string OfNodes = "nodes";

        public string Text => string.Join(Part, string.Join(Between, Ports), string.Join(Between, Addresses), IsOfNodes ? OfNodes : "");

        public static OuterReach Of(string text) => text.Split(Part) is [var ports, var addresses, var nodes]
            ? new([.. ports.Split(Between)], [.. addresses.Split(Between, StringSplitOptions.RemoveEmptyEntries)], nodes == OfNodes) : throw new FormatException(text);

        // Any address may be one of a node.
        public bool MayMeet(OuterReach other) => Ports.Any(other.Ports.Contains) && (IsOfNodes || other.IsOfNodes || Addresses.Any(other.Addresses.Contains));
    }
}

/// <summary>A port of an address that is another service's.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">Number and protocol, such as <c>80/TCP</c>.</param>
/// <param name="Owner">The service that has it.</param>
/// <param name="IsGiven">Whether it has it because the address was given to it alone, and not because it is older.</param>
internal sealed record TakenPort(string Address, string Port, KubeObject Owner, bool IsGiven);
