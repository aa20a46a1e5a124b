using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The addresses and the ports of nodes that services can have (Kubernetes: flags service-cluster-ip-range and service-node-port-range).</summary>
/// <remarks>Those that are chosen for a service come from the upper part first: the lower part is left to services that ask for an address or port of their choice, such as the
/// cluster's DNS (Kubernetes, "Service ClusterIP allocation" and "NodePort", reserve ports to avoid collisions).</remarks>
public sealed record ServiceRanges
{
    /// <summary>Those of a cluster that is not configured otherwise.</summary>
    public static readonly ServiceRanges Default = Of("10.96.0.0/16", "30000-32767", IPNetwork.Parse("10.244.0.0/14"));

    private const int LargestPrefix = 28;
    private const int SmallestPrefix = 12;
    private const int LastPort = 65535;

    private ServiceRanges(IPNetwork addresses, int firstPort, int lastPort)
    {
        Addresses = addresses;
        (FirstNodePort, LastNodePort) = (firstPort, lastPort);
    }

    /// <summary>The range of addresses. Its first and last are not used.</summary>
    public IPNetwork Addresses { get; }

    /// <summary>The lowest port of nodes.</summary>
    public int FirstNodePort { get; }

    /// <summary>The highest port of nodes.</summary>
    public int LastNodePort { get; }

    /// <summary>The address of the Service <c>default/kubernetes</c>.</summary>
    public string First => At(1);

    /// <summary>The number of addresses.</summary>
    public int Count => (1 << (32 - Addresses.PrefixLength)) - 2;

    /// <summary>The ranges by their texts.</summary>
    /// <param name="addresses">In CIDR notation.</param>
    /// <param name="nodePorts">First and last, such as 30000-32767.</param>
    /// <param name="pods">The range of the addresses of pods.</param>
    /// <exception cref="FormatException">They are none, or do not fit.</exception>
    public static ServiceRanges Of(string addresses, string nodePorts, IPNetwork pods)
    {
        if (!IPNetwork.TryParse(addresses, out var range) || range.BaseAddress.AddressFamily != AddressFamily.InterNetwork || range.ToString() != addresses
            || range.PrefixLength is < SmallestPrefix or > LargestPrefix)
        {
            throw new FormatException($"service-cidr: \"{addresses}\" must be an IPv4 range from /{SmallestPrefix} to /{LargestPrefix} whose address is its first, such as 10.96.0.0/16");
        }

        if (range.Contains(pods.BaseAddress) || pods.Contains(range.BaseAddress))
        {
            throw new FormatException($"service-cidr: {addresses} overlaps with pod-cidr, {pods}: an address must be either a pod's or a service's, so choose another range for one of them");
        }

        var ends = nodePorts.Split('-');
        return ends.Length == 2 && Port(ends[0]) is { } first && Port(ends[1]) is { } last && first <= last ? new ServiceRanges(range, first, last)
            : throw new FormatException($"service-node-port-range: \"{nodePorts}\" must be the first and the last of some ports from 1 to {LastPort}, such as 30000-32767");
    }

    /// <summary>Whether a service can have an address.</summary>
    public bool Has(string address) => IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork && Addresses.Contains(parsed)
        && Offset(parsed) is > 0 and var offset && offset <= Count;

    /// <summary>Whether a service can have a port of nodes.</summary>
    public bool Has(int nodePort) => nodePort >= FirstNodePort && nodePort <= LastNodePort;

    /// <summary>The addresses that a service may be given, in the order in which it tries them. Each begins elsewhere, so that many that come at once rarely want the same.</summary>
    public IEnumerable<string> AddressesFor(ObjectKey service) => service.Namespace == "default" && service.Name == KubernetesService.Name ? [First]
        : Order(Count - 1, Math.Min(Math.Max(16, Count / 16), 256), Hash(service.PersistenceId)).Select(i => At(i + 2));

    /// <summary>The ports of nodes that a port of a service may be given, in the order in which it tries them.</summary>
    /// <param name="service">The service.</param>
    /// <param name="port">Tells its ports apart.</param>
    public IEnumerable<int> NodePortsFor(ObjectKey service, string port)
    {
        var count = LastNodePort - FirstNodePort + 1;
        return Order(count, Math.Min(Math.Max(16, count / 32), 128), Hash($"{service.PersistenceId}:{port}")).Select(i => FirstNodePort + i);
    }

    // The upper part from somewhere on, then the lower one. A range without an upper part has one part only.
    private static IEnumerable<int> Order(int count, int lower, uint start)
    {
        lower = lower < count ? lower : 0;
        var upper = count - lower;
        return Enumerable.Range(0, upper).Select(i => lower + (int)((start + (uint)i) % (uint)upper)).Concat(Enumerable.Range(0, lower));
    }

    private static int? Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= LastPort ? port : null;

    private static uint Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private long Offset(IPAddress address) => (long)Number(address) - Number(Addresses.BaseAddress);

    private string At(int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Number(Addresses.BaseAddress) + (uint)offset);
        return new IPAddress(bytes).ToString();
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
