using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Proxy;

/// <summary>What a service and its EndpointSlices say of the way of packets. Pure.</summary>
/// <remarks>Rules: Kubernetes, "Virtual IPs and Service Proxies".</remarks>
internal static class ServiceRoutes
{
    private const string ServiceType = "ClusterIP";
    private const int DefaultAffinity = 10800;

    /// <summary>The routes of a service, one of each family in which it has an address, in its order; none if packets do not meet it: it has no address, or is an alias of a name.</summary>
    /// <param name="service">The service.</param>
    /// <param name="slices">Its slices.</param>
    /// <param name="node">Name of this node.</param>
    /// <param name="zone">Its zone; null if it is not known.</param>
    public static ImmutableArray<ServiceRoute> All(KubeObject service, IReadOnlyCollection<KubeObject> slices, string node, string? zone = null) =>
        [.. AddressesOf(service.As<V1Service>().Spec).Select(a => Of(service, slices, node, zone, PacketFamily.All.FirstOrDefault(f => f.Canonical(a) is not null))).OfType<ServiceRoute>()];

    /// <summary>The route of a service of a family; null if packets of it do not meet it.</summary>
    /// <param name="service">The service.</param>
    /// <param name="slices">Its slices.</param>
    /// <param name="node">Name of this node.</param>
    /// <param name="zone">Its zone; null if it is not known.</param>
    /// <param name="family">The family; null for IPv4.</param>
    public static ServiceRoute? Of(KubeObject service, IEnumerable<KubeObject> slices, string node, string? zone = null, PacketFamily? family = null)
    {
        family ??= PacketFamily.IPv4;
        var whole = service.As<V1Service>();
        var spec = whole.Spec;
        if (spec is null || spec.Type == "ExternalName" || AddressesOf(spec).Select(family.Canonical).FirstOrDefault(a => a is not null) is not { } address)
        {
            return null;
        }

        var given = slices.Select(s => s.As<V1EndpointSlice>()).Where(s => s.AddressType == family.Name).OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        return new ServiceRoute(service.Namespace, service.Name, address,
            [.. Outer(spec.ExternalIPs ?? [])],
            [.. (spec.Ports ?? []).Select(p => (Port: p, Endpoints: Endpoints(p, given, node)))
                .Select(p => new RoutedPort(p.Port.Port, p.Port.Protocol ?? "TCP", p.Port.NodePort ?? 0, p.Endpoints) { Near = Near(p.Endpoints, node, zone) })],
            spec.InternalTrafficPolicy == ServiceForm.Local,
            ((spec.Type ?? ServiceType) != ServiceType || spec.ExternalIPs is { Count: > 0 }) && spec.ExternalTrafficPolicy == ServiceForm.Local,
            spec.SessionAffinity == "ClientIP" ? spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinity : null)
        {
            Family = family,
            Since = whole.Metadata.CreationTimestamp ?? default,
            HealthCheckPort = spec.HealthCheckNodePort ?? 0,
            BalancerAddresses = [.. Outer((whole.Status?.LoadBalancer?.Ingress ?? []).Where(i => i.IpMode is null or "VIP").Select(i => i.Ip))],
            PoolAddresses = spec.LoadBalancerClass is not (null or "" or LoadBalancing.Class) ? [] : [.. Outer((whole.Status?.LoadBalancer?.Ingress ?? []).Where(i => i.IpMode == ServiceReservations.OfPool).Select(i => i.Ip))],
            Sources = spec.LoadBalancerSourceRanges is { Count: > 0 } ranges ? [.. ranges.Select(r => IpAddresses.Range(r.Trim())).Where(r => r?.BaseAddress.AddressFamily == family.Addresses).Select(r => $"{r}")] : null,
        };

        // Never as somebody has written them: nft refuses other forms.
        IEnumerable<string> Outer(IEnumerable<string?> texts) => texts.Select(family.Canonical).OfType<string>().Where(a => IpAddresses.Objection(a) is null).Distinct();
    }

    /// <summary>The endpoints of a port, in a fixed order.</summary>
    /// <param name="port">The port.</param>
    /// <param name="slices">Slices of its service with addresses of one family.</param>
    /// <param name="node">Name of this node.</param>
    public static ImmutableArray<RoutedEndpoint> Endpoints(V1ServicePort port, IEnumerable<V1EndpointSlice> slices, string node) =>
    [
        .. from slice in slices
           let family = PacketFamily.All.FirstOrDefault(f => f.Name == slice.AddressType)
           where family is not null
           from at in slice.Ports ?? []
           where (at.Name ?? "") == (port.Name ?? "") && (at.Protocol ?? "TCP") == (port.Protocol ?? "TCP") && at.Port is > 0
           from endpoint in slice.Endpoints ?? []
           let address = family.Parse(endpoint.Addresses?.FirstOrDefault())
           where address is not null && !IsOfHost(address)
           let conditions = endpoint.Conditions
           let isReady = conditions?.Ready ?? true
           select new RoutedEndpoint(address.ToString(), at.Port!.Value, endpoint.NodeName == node, isReady, !isReady && conditions?.Terminating == true && conditions.Serving == true)
           {
               ForNodes = [.. (endpoint.Hints?.ForNodes ?? []).Select(n => n.Name)],
               ForZones = [.. (endpoint.Hints?.ForZones ?? []).Select(z => z.Name)],
           }
               into found
           group found by (found.Address, found.Port) into same
           orderby same.Key.Address, same.Key.Port
           select same.OrderByDescending(e => e.IsReady).ThenByDescending(e => e.IsDraining).First(),
    ];

    /// <summary>The endpoints that this node is to prefer by their hints; all if one that is ready has none, or none is for this node or zone (Kubernetes, "Topology Aware Routing", safeguards).</summary>
    public static ImmutableArray<RoutedEndpoint> Near(ImmutableArray<RoutedEndpoint> endpoints, string node, string? zone)
    {
        var ready = endpoints.Where(e => e.IsReady).ToList();
        return Those(e => e.ForNodes, node) ?? Those(e => e.ForZones, zone) ?? endpoints;

        ImmutableArray<RoutedEndpoint>? Those(Func<RoutedEndpoint, ImmutableArray<string>> hints, string? own) =>
            own is not null && ready.All(e => !hints(e).IsEmpty) && ready.Any(e => hints(e).Contains(own)) ? [.. endpoints.Where(e => !e.IsReady || hints(e).Contains(own))] : null;
    }

    private static IEnumerable<string?> AddressesOf(V1ServiceSpec? spec) => spec?.ClusterIP is null or "" or ServiceForm.NoAddress ? [] : spec.ClusterIPs is { Count: > 0 } all ? all : [spec.ClusterIP];

    // Such objects are refused, but may be older than the rule: a service must not lead to what listens on the node for the node alone.
    private static bool IsOfHost(IPAddress address) => (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] == 0) || IpAddresses.Objection(address) is not null;
}
