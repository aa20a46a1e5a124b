using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>The addresses of pods: each node has a range of its own out of that of the cluster (Kubernetes: flags cluster-cidr and node-cidr-mask-size).</summary>
public sealed record PodRanges
{
    /// <summary>Those of a cluster that is not configured otherwise: 1,024 nodes.</summary>
    public static readonly PodRanges Default = Of("10.244.0.0/14", 24);

    // More than 110 pods and those made ahead, and not so many that a node takes the cluster's.
    private const int LargestPrefix = 25;
    private const int SmallestPrefix = 16;

    private PodRanges(IPNetwork cluster, int nodePrefix)
    {
        Cluster = cluster;
        NodePrefix = nodePrefix;
    }

    /// <summary>The range of the cluster.</summary>
    public IPNetwork Cluster { get; }

    /// <summary>Prefix length of the range of a node.</summary>
    public int NodePrefix { get; }

    /// <summary>How many nodes have room.</summary>
    public int Count => 1 << (NodePrefix - Cluster.PrefixLength);

    /// <summary>The ranges by the cluster's in CIDR notation and the prefix length of a node's.</summary>
    /// <exception cref="FormatException">They do not fit.</exception>
    public static PodRanges Of(string cluster, int nodePrefix)
    {
        if (!IPNetwork.TryParse(cluster, out var range) || range.BaseAddress.AddressFamily != AddressFamily.InterNetwork || range.ToString() != cluster)
        {
            throw new FormatException($"pod-cidr: \"{cluster}\" must be an IPv4 range whose address is its first, such as 10.244.0.0/14");
        }

        if (nodePrefix is < SmallestPrefix or > LargestPrefix || nodePrefix < range.PrefixLength)
        {
            throw new FormatException($"pod-network.node-prefix: {nodePrefix} must be from {SmallestPrefix} to {LargestPrefix} and not smaller than the prefix length of pod-cidr, {range.PrefixLength}");
        }

        return new PodRanges(range, nodePrefix);
    }

    /// <summary>The ranges that a node may have, in the order in which it tries them. Each begins elsewhere, so that many that come at once rarely want the same one, and one that
    /// comes again wants the one that it had.</summary>
    public IEnumerable<IPNetwork> For(string node)
    {
        var first = (int)(Hash(node) % (uint)Count);
        return Enumerable.Range(0, Count).Select(i => At((first + i) % Count));
    }

    /// <summary>Whether an address is one of the cluster's pods.</summary>
    public bool Has(string address) => IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetwork && Cluster.Contains(ip);

    /// <summary>Whether two ranges have addresses in common.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    private IPNetwork At(int index)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Cluster.BaseAddress.TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) + ((uint)index << (32 - NodePrefix)));
        return new IPNetwork(new IPAddress(bytes), NodePrefix);
    }

    // FNV-1a.
    private static uint Hash(string text)
    {
        var hash = 2166136261;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        return hash;
    }
}
