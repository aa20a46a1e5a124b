using System.Security.Cryptography;
using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.Proxy;

/// <summary>Says which node answers for an address of the pool of load balancers. Each node finds out by itself, from its own copy, and all come to the same. Pure.</summary>
internal static class AddressElection
{
    /// <summary>The addresses for which a node answers.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="routes">The services with addresses of the pool; those of Local are for nodes with endpoints of theirs.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="endpointNodes">Names of the nodes that have endpoints of a service that are ready.</param>
    public static IReadOnlySet<string> Of(string node, IEnumerable<ServiceRoute> routes, IEnumerable<KubeObject> nodes, Func<ServiceRoute, IReadOnlySet<string>> endpointNodes)
    {
        var able = nodes.Where(OuterNodes.TakesLoad).Select(n => n.Name).ToList();
        return routes.SelectMany(r => r.PoolAddresses.Select(a => (Address: a, Winner: (r.IsExternalLocal ? able.Where(endpointNodes(r).Contains) : able).MaxBy(n => Weight(n, a), StringComparer.Ordinal))))
            .Where(e => e.Winner == node).Select(e => e.Address).ToHashSet();
    }

    // With each node that goes, only its own addresses move (rendezvous hashing).
    private static string Weight(string node, string address) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{node} {address}")));
}
