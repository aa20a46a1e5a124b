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

    /// <summary>Set of the cluster IPs, at whose other ports nobody else's service is met.</summary>
    public const string ClusterAddresses = "cluster-addresses";

    /// <summary>Set of the cluster IPs and of addresses of a pool. What still has one for its destination when it leaves is refused.</summary>
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

    /// <summary>The table of a node's services, without any. Maps, sets and chains of IPv6 have a 6 behind their names.</summary>
    public static RuleTable Table(NetworkNames names) => new(names.ServiceTable, $$"""
        {{ForEach(f => $$"""
              map {{ClusterPorts}}{{f.Suffix}} { type {{f.Type}} . inet_proto . inet_service : verdict; }
              map {{Ports}}{{f.Suffix}} { type {{f.Type}} . inet_proto . inet_service : verdict; }
              map {{NodePorts}}{{f.Suffix}} { type inet_proto . inet_service : verdict; }
              set {{ClusterAddresses}}{{f.Suffix}} { type {{f.Type}}; }
              set {{Addresses}}{{f.Suffix}} { type {{f.Type}}; }
              set {{Refused}}{{f.Suffix}} { type {{f.Type}} . inet_proto . inet_service; }
              set {{RefusedNodePorts}}{{f.Suffix}} { type inet_proto . inet_service; }
              set {{Hairpins}}{{f.Suffix}} { type {{f.Type}} . {{f.Type}}; }
            """)}}
          chain answer {
            meta l4proto tcp reject with tcp reset
            reject
          }
          chain services {
        {{ForEach(f => $$"""
                {{f.Word}} daddr . meta l4proto . th dport vmap @{{ClusterPorts}}{{f.Suffix}}
                {{f.Word}} daddr @{{ClusterAddresses}}{{f.Suffix}} accept
                {{f.Word}} daddr . meta l4proto . th dport vmap @{{Ports}}{{f.Suffix}}
                fib daddr type local {{f.Word}} daddr != {{f.Loopback}} meta l4proto . th dport vmap @{{NodePorts}}{{f.Suffix}}
            """)}}
          }
          chain refuse {
        {{ForEach(f => $$"""
                {{f.Word}} daddr @{{Addresses}}{{f.Suffix}} jump answer
                {{f.Word}} daddr . meta l4proto . th dport @{{Refused}}{{f.Suffix}} jump answer
                meta nfproto {{f.Name.ToLowerInvariant()}} fib daddr type local meta l4proto . th dport @{{RefusedNodePorts}}{{f.Suffix}} jump answer
            """)}}
          }
          chain prerouting { type nat hook prerouting priority dstnat; policy accept; iifname "{{NetworkNames.Start}}*" iifname != "{{names.Prefix}}*" accept; jump services; }
          chain output { type nat hook output priority -100; policy accept; jump services; }
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            meta mark & {{Mark}} != 0 meta mark set meta mark & 0xfffeffff masquerade
        {{ForEach(f => $"    {f.Word} saddr . {f.Word} daddr @{Hairpins}{f.Suffix} masquerade")}}
          }
          chain filter-input { type filter hook input priority filter; policy accept; ct state new jump refuse; }
          chain filter-forward { type filter hook forward priority filter; policy accept; ct state new jump refuse; }
          chain filter-output { type filter hook output priority filter; policy accept; ct state new jump refuse; }
        """);

    /// <summary>Makes the rules of a service.</summary>
    /// <param name="routes">The service, of each family.</param>
    /// <param name="pods">Addresses of the cluster's pods, whose packets keep their sender: a range of each family that they have.</param>
    /// <param name="nodes">Which addresses of nodes lead to services; null for all.</param>
    public static OwnedRules Of(IEnumerable<ServiceRoute> routes, IReadOnlyCollection<IPNetwork> pods, NodeAddresses? nodes = null) => routes.Aggregate(OwnedRules.None, (rules, r) =>
        rules.With(Of(r, pods.Where(p => p.BaseAddress.AddressFamily == r.Family.Addresses).Select(p => (IPNetwork?)p).FirstOrDefault(), nodes)));

    /// <summary>Makes the rules of a service of one family.</summary>
    /// <param name="route">The service.</param>
    /// <param name="pods">Addresses of the cluster's pods, whose packets keep their sender; null if they have none of the family.</param>
    /// <param name="nodes">Which addresses of nodes lead to services; null for all.</param>
    public static OwnedRules Of(ServiceRoute route, IPNetwork? pods, NodeAddresses? nodes = null)
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

    private static string ForEach(Func<PacketFamily, string> lines) => string.Join('\n', PacketFamily.All.Select(lines));

    private sealed class Maker(ServiceRoute route, IPNetwork? pods, NodeAddresses? nodes)
    {
        private readonly PacketFamily _family = route.Family;
        private readonly ImmutableSortedDictionary<string, ImmutableArray<string>>.Builder _chains = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        private readonly ImmutableDictionary<(string, string), string>.Builder _elements = ImmutableDictionary.CreateBuilder<(string, string), string>();
        private readonly HashSet<(string, string)> _reserved = [];
        private readonly ImmutableSortedDictionary<string, string>.Builder _clients = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

        public OwnedRules Done()
        {
            _elements[(In(Addresses), route.Address)] = _elements[(In(ClusterAddresses), route.Address)] = "";

            // The node that answers for it must not let its own processes answer at other ports.
            foreach (var address in route.PoolAddresses)
            {
                _elements[(In(Addresses), address)] = "";
            }

            return new OwnedRules(_chains.ToImmutable(), _elements.ToImmutable(), _clients.ToImmutable()) { Since = route.Since, Reserved = [.. _reserved] };
        }

        public void Add(RoutedPort port)
        {
            var protocol = port.Protocol.ToLowerInvariant();
            var id = string.Create(CultureInfo.InvariantCulture, $"{route.Namespace}/{route.Name}/{protocol}/{port.Number}");
            var (all, local) = (Used(port.Near), Used(port.Endpoints.Where(e => e.IsLocal)));
            var inside = route.IsInternalLocal ? local : all;
            if (inside.Length > 0)
            {
                Chain($"{In("cluster")}/{id}", Inside(inside, id, protocol));
                _elements[(In(ClusterPorts), Key(route.Address, protocol, port.Number))] = $"goto {In("cluster")}/{id}";
            }

            Outside(port, id, all, local);
            foreach (var endpoint in port.Endpoints.Where(e => e.IsLocal))
            {
                _elements[(In(Hairpins), $"{endpoint.Address} . {endpoint.Address}")] = "";
            }
        }

        // Who is no pod has an address that the pods of other nodes do not answer by this one.
        private ImmutableArray<string> Inside(ImmutableArray<RoutedEndpoint> endpoints, string id, string protocol) => [pods is null ? SetMark : $"{_family.Word} saddr != {pods} {SetMark}", .. Choose(endpoints, id, protocol)];

        // By ports of the node and by other addresses. What is to stay on the node and finds nothing there is dropped, so that load balancers look elsewhere;
        // pods and the node itself have the whole service nevertheless (Kubernetes, "Virtual IPs", external traffic policy).
        private void Outside(RoutedPort port, string id, ImmutableArray<RoutedEndpoint> all, ImmutableArray<RoutedEndpoint> local)
        {
            var protocol = port.Protocol.ToLowerInvariant();
            var addresses = route.ExternalAddresses.Concat(route.BalancerAddresses).Distinct()
                .Where(a => pods?.Contains(IPAddress.Parse(a)) != true && nodes?.Lead(a, port.Protocol, port.Number) != false).ToList();
            var key = string.Create(CultureInfo.InvariantCulture, $"{protocol} . {port.NodePort}");
            if (all.Length == 0 || (addresses.Count == 0 && port.NodePort == 0))
            {
                // What has no endpoint keeps its port nevertheless: nobody else's service is to be met there.
                addresses.ForEach(a => Outer(In(Refused), a, protocol, port, ""));
                addresses.ForEach(a => Outer(In(Ports), a, protocol, port, "accept"));
                if (port.NodePort > 0)
                {
                    _elements[(In(RefusedNodePorts), key)] = "";
                }

                return;
            }

            var (external, everywhere) = ($"{In("external")}/{id}", route.IsInternalLocal ? $"{In("everywhere")}/{id}" : $"{In("cluster")}/{id}");
            if (route.IsExternalLocal && route.IsInternalLocal)
            {
                Chain(everywhere, Inside(all, id, protocol));
            }

            Chain(external, !route.IsExternalLocal ? [SetMark, .. Choose(all, id, protocol)]
                : [.. pods is null ? [] : (string[])[$"{_family.Word} saddr {pods} goto {everywhere}"], $"fib saddr type local goto {everywhere}", .. local.Length > 0 ? Choose(local, id, protocol) : ["drop"]]);
            foreach (var address in addresses)
            {
                Outer(In(Ports), address, protocol, port, $"goto {(route.Sources is not null && !route.ExternalAddresses.Contains(address) ? $"{In("sources")}/{id}" : external)}");
            }

            if (route.Sources is { } sources && !route.BalancerAddresses.IsEmpty)
            {
                Chain($"{In("sources")}/{id}", [.. sources.Select(s => $"{_family.Word} saddr {s} goto {external}"), "drop"]);
            }

            if (port.NodePort > 0)
            {
                _elements[(In(NodePorts), key)] = $"goto {external}";
            }
        }

        // An address of the pool is whose it was given, whoever has asked for it before.
        private void Outer(string map, string address, string protocol, RoutedPort port, string value)
        {
            var element = (map, Key(address, protocol, port.Number));
            _elements[element] = value;
            if (route.PoolAddresses.Contains(address))
            {
                _reserved.Add(element);
            }
        }

        private string In(string map) => map + _family.Suffix;

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
                return [By($"jhash {_family.Word} saddr")];
            }

            string By(string choice) => $"meta l4proto {protocol} dnat {_family.Word} to {choice} mod {endpoints.Length} map {{ {string.Join(", ", endpoints.Select((e, i) => string.Create(CultureInfo.InvariantCulture, $"{i} : {e.Address} . {e.Port}")))} }}";

            // With the time in its name, because that of a set cannot be changed.
            string Clients(string chain) => string.Create(CultureInfo.InvariantCulture, $"{In("clients")}/{seconds}/{chain}");

            // A chain for each endpoint, which notes its clients anew with each connection.
            var chains = endpoints.Select(e => (Name: string.Create(CultureInfo.InvariantCulture, $"{In("endpoint")}/{id}/{e.Address.Replace(':', '.')}/{e.Port}"), Endpoint: e)).ToList();
            foreach (var (name, endpoint) in chains)
            {
                _clients[Clients(name)] = string.Create(CultureInfo.InvariantCulture, $"type {_family.Type}; flags dynamic, timeout; timeout {seconds}s;");
                Chain(name, [$"update @{Clients(name)} {{ {_family.Word} saddr }}", string.Create(CultureInfo.InvariantCulture, $"meta l4proto {protocol} dnat {_family.Word} to {endpoint.Text}")]);
            }

            return
            [
                .. chains.Select(c => $"{_family.Word} saddr @{Clients(c.Name)} goto {c.Name}"),
                $"numgen random mod {chains.Count} vmap {{ {string.Join(", ", chains.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"{i} : goto {c.Name}")))} }}",
            ];
        }
    }
}
