using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>The addresses of pods, of one family or of both (Kubernetes: flags cluster-cidr, node-cidr-mask-size-ipv4 and node-cidr-mask-size-ipv6; "IPv4/IPv6 dual-stack").</summary>
public sealed record PodRanges
{
    /// <summary>Those of a cluster that is not configured otherwise: 1,024 nodes.</summary>
    public static readonly PodRanges Default = Of("10.244.0.0/14", 24, 64);

    // More than 110 pods and those made ahead, and not so many that a node takes the cluster's.
    private const int LargestPrefix = 25;
    private const int SmallestPrefix = 16;
    private const int LargestPrefixOfIPv6 = 112;
    private const int SmallestPrefixOfIPv6 = 48;

    // Nodes are numbered by so many bits (Kubernetes, maximum of CIDR bits for nodes).
    private const int NodeBits = 16;

    private PodRanges(ImmutableArray<PodRange> families) => Families = families;

    /// <summary>The ranges, one for each family; the first one is of the family in which pods have their first address.</summary>
    public ImmutableArray<PodRange> Families { get; }

    /// <summary>The ranges of the cluster.</summary>
    public ImmutableArray<IPNetwork> Clusters => [.. Families.Select(f => f.Cluster)];

    /// <summary>The ranges by those of the cluster and the prefix lengths of a node's.</summary>
    /// <param name="clusters">One range in CIDR notation, or two of different families with a comma between.</param>
    /// <param name="nodePrefix">Prefix length of a node's range of IPv4.</param>
    /// <param name="nodePrefixOfIPv6">That of IPv6.</param>
    /// <exception cref="FormatException">They do not fit.</exception>
    public static PodRanges Of(string clusters, int nodePrefix, int nodePrefixOfIPv6)
    {
        ImmutableArray<PodRange> families = [.. clusters.Split(',', StringSplitOptions.TrimEntries).Select(c => Family(c, nodePrefix, nodePrefixOfIPv6))];
        return families.Length <= 2 && families.DistinctBy(f => f.Cluster.BaseAddress.AddressFamily).Count() == families.Length ? new PodRanges(families)
            : throw new FormatException($"pod-cidr: \"{clusters}\" must be one range, or one of IPv4 and one of IPv6");
    }

    private static PodRange Family(string cluster, int nodePrefix, int nodePrefixOfIPv6)
    {
        if (!IPNetwork.TryParse(cluster, out var range) || range.ToString() != cluster)
        {
            throw new FormatException($"pod-cidr: \"{cluster}\" must be a range whose address is its first, such as 10.244.0.0/14 or fd00:244::/56");
        }

        var (setting, prefix, smallest, largest) = range.BaseAddress.AddressFamily == AddressFamily.InterNetwork
            ? ("node-prefix", nodePrefix, SmallestPrefix, LargestPrefix) : ("node-prefix-ipv6", nodePrefixOfIPv6, SmallestPrefixOfIPv6, LargestPrefixOfIPv6);
        if (prefix < smallest || prefix > largest || prefix < range.PrefixLength)
        {
            throw new FormatException($"pod-network.{setting}: {prefix} must be from {smallest} to {largest} and not smaller than the prefix length of pod-cidr, {range.PrefixLength}");
        }

        return prefix - range.PrefixLength <= NodeBits ? new PodRange(range, prefix)
            : throw new FormatException($"pod-cidr: {cluster} has room for more than {1 << NodeBits} nodes with pod-network.{setting} {prefix}: choose a smaller range, such as {range.BaseAddress}/{prefix - NodeBits}");
    }
}
