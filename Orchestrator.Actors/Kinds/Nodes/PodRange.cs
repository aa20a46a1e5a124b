using System.Net;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>The addresses of pods of one family: each node has a range of its own out of that of the cluster.</summary>
/// <param name="Cluster">The range of the cluster.</param>
/// <param name="NodePrefix">Prefix length of the range of a node.</param>
public sealed record PodRange(IPNetwork Cluster, int NodePrefix)
{
    /// <summary>How many nodes have room.</summary>
    public int Count => 1 << (NodePrefix - Cluster.PrefixLength);

    /// <summary>The ranges that a node may have, in the order in which it tries them. Each begins elsewhere, so that many that come at once rarely want the same one, and one that
    /// comes again wants the one that it had.</summary>
    public IEnumerable<IPNetwork> For(string node)
    {
        var first = (int)(StableHash.Of(node) % (uint)Count);
        return Enumerable.Range(0, Count).Select(i => At((first + i) % Count));
    }

    /// <summary>Whether an address is one of the cluster's pods.</summary>
    public bool Has(IPAddress address) => Cluster.Contains(address);

    private IPNetwork At(int index) => new(IpAddresses.After(Cluster.BaseAddress, (UInt128)(uint)index << (IpAddresses.Bits(Cluster) - NodePrefix)), NodePrefix);
}
