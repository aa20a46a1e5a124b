using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The addresses and the ports of nodes that services can have (Kubernetes: flags service-cluster-ip-range and service-node-port-range).</summary>
public sealed record ServiceRanges
{
    /// <summary>Those of a cluster that is not configured otherwise.</summary>
    public static readonly ServiceRanges Default = Of("10.96.0.0/16", "30000-32767", IPNetwork.Parse("10.244.0.0/14"));

    private const int LastPort = 65535;

    private ServiceRanges(ImmutableArray<ServiceRange> families, int firstPort, int lastPort)
    {
        Families = families;
        (FirstNodePort, LastNodePort) = (firstPort, lastPort);
    }

    /// <summary>The range of each family that the cluster has, one or two.</summary>
    public ImmutableArray<ServiceRange> Families { get; }

    /// <summary>The range of the family that a service has if it asks for none.</summary>
    public ServiceRange Primary => Families[0];

    /// <summary>The lowest port of nodes.</summary>
    public int FirstNodePort { get; }

    /// <summary>The highest port of nodes.</summary>
    public int LastNodePort { get; }

    /// <summary>The ranges by their texts.</summary>
    /// <param name="addresses">One range in CIDR notation, or one of each family with a comma between them, the primary first.</param>
    /// <param name="nodePorts">First and last, such as 30000-32767.</param>
    /// <param name="pods">The ranges of the addresses of pods.</param>
    /// <exception cref="FormatException">They are none, or do not fit.</exception>
    public static ServiceRanges Of(string addresses, string nodePorts, params ReadOnlySpan<IPNetwork> pods)
    {
        ImmutableArray<ServiceRange> ranges = [.. addresses.Split(',', StringSplitOptions.TrimEntries).Select(ServiceRange.Of)];
        if (ranges.DistinctBy(r => r.Family).Count() < ranges.Length)
        {
            throw new FormatException($"service-cidr: \"{addresses}\" must be one range, or one of IPv4 and one of IPv6");
        }

        foreach (var range in ranges)
        {
            foreach (var taken in pods)
            {
                if (IpAddresses.Overlap(range.Network, taken))
                {
                    throw new FormatException($"service-cidr: {range} overlaps with pod-cidr, {taken}: an address must be either a pod's or a service's, so choose another range for one of them");
                }
            }
        }

        var ends = nodePorts.Split('-');
        return ends.Length == 2 && Port(ends[0]) is { } first && Port(ends[1]) is { } last && first <= last ? new ServiceRanges(ranges, first, last)
            : throw new FormatException($"service-node-port-range: \"{nodePorts}\" must be the first and the last of some ports from 1 to {LastPort}, such as 30000-32767");
    }

    /// <summary>The range of a family; null if the cluster does not have it.</summary>
    public ServiceRange? Of(string family) => Families.FirstOrDefault(r => r.Family == family);

    /// <summary>Whether a service can have a port of nodes.</summary>
    public bool Has(int nodePort) => nodePort >= FirstNodePort && nodePort <= LastNodePort;

    /// <summary>The ports of nodes that a port of a service may be given, in the order in which it tries them.</summary>
    /// <param name="service">The service.</param>
    /// <param name="port">Tells its ports apart.</param>
    public IEnumerable<int> NodePortsFor(ObjectKey service, string port)
    {
        var count = LastNodePort - FirstNodePort + 1;
        return TryOrder.Of(count, Math.Min(Math.Max(16, count / 32), 128), $"{service.PersistenceId}:{port}").Select(i => FirstNodePort + i);
    }

    private static int? Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= LastPort ? port : null;
}
