namespace Orchestrator.Node.Ingress;

/// <summary>Finds the route of a request: by its host (one by name before a domain before any), then by its path among the rules for that host. Never changes once it is made.</summary>
internal sealed class RoutingTable
{
    private readonly HostMap<PathTable> _hosts = new();
    private readonly IngressRoute? _usual;

    /// <summary>Makes a table.</summary>
    /// <param name="rules">The rules; of two for the same, the first counts.</param>
    /// <param name="usual">Default backends: for a host, whose rules did not match, or with an empty pattern for everything else; the first of each counts.</param>
    public RoutingTable(IEnumerable<RouteRule> rules, IEnumerable<(string Host, IngressRoute Route)> usual)
    {
        var tables = new Dictionary<string, PathTable>();
        foreach (var rule in rules)
        {
            TableOf(rule.Host).Add(rule);
        }

        foreach (var (host, route) in usual)
        {
            if (host.Length == 0)
            {
                _usual ??= route;
            }
            else
            {
                TableOf(host).AddUsual(route);
            }
        }

        PathTable TableOf(string host)
        {
            if (!tables.TryGetValue(host, out var table))
            {
                tables[host] = table = new PathTable();
                _hosts.TryAdd(host, table);
            }

            return table;
        }
    }

    /// <summary>Finds the route of a request; null if there is none.</summary>
    /// <param name="host">The host that was asked, without a port.</param>
    /// <param name="path">The path.</param>
    public IngressRoute? Find(string host, string path) => _hosts.Find(host)?.Find(path) ?? _usual;
}
