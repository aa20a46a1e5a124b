using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Proxy;

/// <summary>The packet rules of services, in a table of their own. Pure.</summary>
internal static class ServiceRules
{
    /// <summary>Map from cluster IP, protocol and port to the chain of a service. Nobody else's address takes its place.</summary>
    public const string ClusterPorts = "cluster-ports";

    /// <summary>Map from another address, protocol and port to the chain of a service.</summary>
    public const string Ports = "ports";

    /// <summary>Map from protocol and port of the node to the chain of a service.</summary>
    public const string NodePorts = "node-ports";

    /// <summary>Set of the cluster IPs. What still has one for its destination when it leaves is refused.</summary>
    public const string Addresses = "addresses";

    /// <summary>Set of other addresses, with protocol and port, of services without endpoints.</summary>
    public const string Refused = "refused";

    /// <summary>Set of ports of the node of services without endpoints.</summary>
    public const string RefusedNodePorts = "refused-node-ports";

    /// <summary>Set of the addresses of endpoints of this node, as a pair of source and destination: a pod that reaches itself through a service would not take the answer from itself.</summary>
    public const string Hairpins = "hairpins";

    /// <summary>The mark of packets whose answers have to come back by this node.</summary>
    public const string Mark = "0x10000";

    // Each endpoint with clients that stay has a set of its own in the kernel, which looks for it among all. With more, a client stays as long as the endpoints are the same.
    private const int MostRemembered = 100;

    /// <summary>The table of a node's services, without any.</summary>
    public static RuleTable Table(NetworkNames names) => new(names.ServiceTable, $$"""
          map {{ClusterPorts}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{Ports}} { type ipv4_addr . inet_proto . inet_service : verdict; }
          map {{NodePorts}} { type inet_proto . inet_service : verdict; }
          set {{Addresses}} { type ipv4_addr; }
          set {{Refused}} { type ipv4_addr . inet_proto . inet_service; }
          set {{RefusedNodePorts}} { type inet_proto . inet_service; }
          set {{Hairpins}} { type ipv4_addr . ipv4_addr; }
          chain answer {
            meta l4proto tcp reject with tcp reset
            reject
          }
          chain services {
            ip daddr . meta l4proto . th dport vmap @{{ClusterPorts}}
            ip daddr . meta l4proto . th dport vmap @{{Ports}}
            fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @{{NodePorts}}
          }
          chain refuse {
            ip daddr @{{Addresses}} jump answer
            ip daddr . meta l4proto . th dport @{{Refused}} jump answer
            meta nfproto ipv4 fib daddr type local meta l4proto . th dport @{{RefusedNodePorts}} jump answer
          }
          chain prerouting { type nat hook prerouting priority dstnat; policy accept; iifname "{{NetworkNames.Start}}*" iifname != "{{names.Prefix}}*" accept; jump services; }
          chain output { type nat hook output priority -100; policy accept; jump services; }
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            meta mark & {{Mark}} != 0 meta mark set meta mark & 0xfffeffff masquerade
            ip saddr . ip daddr @{{Hairpins}} masquerade
          }
          chain filter-input { type filter hook input priority filter; policy accept; ct state new jump refuse; }
          chain filter-forward { type filter hook forward priority filter; policy accept; ct state new jump refuse; }
          chain filter-output { type filter hook output priority filter; policy accept; ct state new jump refuse; }
        """);

    /// <summary>Makes the rules of a service.</summary>
    /// <param name="route">The service.</param>
    /// <param name="pods">Addresses of the cluster's pods, whose packets keep their sender.</param>
    /// <param name="nodes">Which addresses of nodes lead to services; null for all.</param>
    public static OwnedRules Of(ServiceRoute route, IPNetwork pods, NodeAddresses? nodes = null)
    {
        var maker = new Maker(route, pods, nodes);
        foreach (var port in route.Ports)
        {
            maker.Add(port);
        }

        return maker.Done();
    }

    /// <summary>The endpoints that are used of some: those that are ready; if none is, those that end and still answer.</summary>
    public static ImmutableArray<RoutedEndpoint> Used(IEnumerable<RoutedEndpoint> endpoints)
    {
        var all = endpoints.ToList();
        return all.Any(e => e.IsReady) ? [.. all.Where(e => e.IsReady)] : [.. all.Where(e => e.IsDraining)];
    }

    private sealed class Maker(ServiceRoute route, IPNetwork pods, NodeAddresses? nodes)
    {
        private readonly ImmutableSortedDictionary<string, ImmutableArray<string>>.Builder _chains = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        private readonly ImmutableDictionary<(string, string), string>.Builder _elements = ImmutableDictionary.CreateBuilder<(string, string), string>();
        private readonly ImmutableSortedDictionary<string, string>.Builder _clients = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

        public OwnedRules Done()
        {
            _elements[(Addresses, route.Address)] = "";

            // The node that answers for it must not let its own processes answer at other ports.
            foreach (var address in route.PoolAddresses)
            {
                _elements[(Addresses, address)] = "";
            }

            return new OwnedRules(_chains.ToImmutable(), _elements.ToImmutable(), _clients.ToImmutable());
        }

        public void Add(RoutedPort port)
        {
            var protocol = port.Protocol.ToLowerInvariant();
            var id = string.Create(CultureInfo.InvariantCulture, $"{route.Namespace}/{route.Name}/{protocol}/{port.Number}");
            var (all, local) = (Used(port.Near), Used(port.Endpoints.Where(e => e.IsLocal)));
            var inside = route.IsInternalLocal ? local : all;
            if (inside.Length > 0)
            {
                Chain($"cluster/{id}", Inside(inside, id, protocol));
                _elements[(ClusterPorts, Key(route.Address, protocol, port.Number))] = $"goto cluster/{id}";
            }

            Outside(port, id, all, local);
            foreach (var endpoint in port.Endpoints.Where(e => e.IsLocal))
            {
                _elements[(Hairpins, $"{endpoint.Address} . {endpoint.Address}")] = "";
            }
        }

        // Who is no pod has an address that the pods of other nodes do not answer by this one.
        private ImmutableArray<string> Inside(ImmutableArray<RoutedEndpoint> endpoints, string id, string protocol) => [$"ip saddr != {pods} {SetMark}", .. Choose(endpoints, id, protocol)];

        // By ports of the node and by other addresses. What is to stay on the node and finds nothing there is dropped, so that load balancers look elsewhere;
        // pods and the node itself have the whole service nevertheless (Kubernetes, "Virtual IPs", external traffic policy).
        private void Outside(RoutedPort port, string id, ImmutableArray<RoutedEndpoint> all, ImmutableArray<RoutedEndpoint> local)
        {
            var protocol = port.Protocol.ToLowerInvariant();
            var addresses = route.ExternalAddresses.Concat(route.BalancerAddresses).Distinct()
                .Where(a => !pods.Contains(IPAddress.Parse(a)) && nodes?.Lead(a, port.Protocol, port.Number) != false).ToList();
            var key = string.Create(CultureInfo.InvariantCulture, $"{protocol} . {port.NodePort}");
            if (all.Length == 0 || (addresses.Count == 0 && port.NodePort == 0))
            {
                addresses.ForEach(a => _elements[(Refused, Key(a, protocol, port.Number))] = "");
                if (port.NodePort > 0)
                {
                    _elements[(RefusedNodePorts, key)] = "";
                }

                return;
            }

            var (external, everywhere) = ($"external/{id}", route.IsInternalLocal ? $"everywhere/{id}" : $"cluster/{id}");
            if (route.IsExternalLocal && route.IsInternalLocal)
            {
                Chain(everywhere, Inside(all, id, protocol));
            }

            Chain(external, !route.IsExternalLocal ? [SetMark, .. Choose(all, id, protocol)]
                : [$"ip saddr {pods} goto {everywhere}", $"fib saddr type local goto {everywhere}", .. local.Length > 0 ? Choose(local, id, protocol) : ["drop"]]);
            foreach (var address in addresses)
            {
                _elements[(Ports, Key(address, protocol, port.Number))] = $"goto {(route.Sources is not null && !route.ExternalAddresses.Contains(address) ? $"sources/{id}" : external)}";
            }

            if (route.Sources is { } sources && !route.BalancerAddresses.IsEmpty)
            {
                Chain($"sources/{id}", [.. sources.Select(s => $"ip saddr {s} goto {external}"), "drop"]);
            }

            if (port.NodePort > 0)
            {
                _elements[(NodePorts, key)] = $"goto {external}";
            }
        }

        private static string SetMark => $"meta mark set meta mark | {Mark}";

        private static string Key(string address, string protocol, int port) => string.Create(CultureInfo.InvariantCulture, $"{address} . {protocol} . {port}");

        private void Chain(string name, ImmutableArray<string> rules) => _chains[name] = rules;

        private IEnumerable<string> Choose(ImmutableArray<RoutedEndpoint> endpoints, string id, string protocol)
        {
            if (route.Affinity is not { } seconds)
            {
                return [By("numgen random")];
            }

            if (endpoints.Length > MostRemembered)
            {
                return [By("jhash ip saddr")];
            }

            string By(string choice) => $"meta l4proto {protocol} dnat ip to {choice} mod {endpoints.Length} map {{ {string.Join(", ", endpoints.Select((e, i) => string.Create(CultureInfo.InvariantCulture, $"{i} : {e.Address} . {e.Port}")))} }}";

            // With the time in its name, because that of a set cannot be changed.
            string Clients(string chain) => string.Create(CultureInfo.InvariantCulture, $"clients/{seconds}/{chain}");

            // A chain for each endpoint, which notes its clients anew with each connection.
            var chains = endpoints.Select(e => (Name: string.Create(CultureInfo.InvariantCulture, $"endpoint/{id}/{e.Address}/{e.Port}"), Endpoint: e)).ToList();
            foreach (var (name, endpoint) in chains)
            {
                _clients[Clients(name)] = string.Create(CultureInfo.InvariantCulture, $"type ipv4_addr; flags dynamic, timeout; timeout {seconds}s;");
                Chain(name, [$"update @{Clients(name)} {{ ip saddr }}", string.Create(CultureInfo.InvariantCulture, $"meta l4proto {protocol} dnat ip to {endpoint.Address}:{endpoint.Port}")]);
            }

            return
            [
                .. chains.Select(c => $"ip saddr @{Clients(c.Name)} goto {c.Name}"),
                $"numgen random mod {chains.Count} vmap {{ {string.Join(", ", chains.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"{i} : goto {c.Name}")))} }}",
            ];
        }
    }
}
