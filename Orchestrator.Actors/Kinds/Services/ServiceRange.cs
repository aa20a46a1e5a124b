using System.Net;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The addresses of one family that services can have.</summary>
public sealed record ServiceRange
{
    // The bits of an address that tell those of a range apart, in both families.
    private const int MostBits = 20;
    private const int FewestBits = 4;

    private ServiceRange(IPNetwork network) => Network = network;

    /// <summary>The range. Its first address is not used, nor is the last one of IPv4, which is that of all.</summary>
    public IPNetwork Network { get; }

    /// <summary>IPv4 or IPv6.</summary>
    public string Family => IpFamilies.Of(Network.BaseAddress);

    /// <summary>The address of the Service <c>default/kubernetes</c>, if it has one of this family.</summary>
    public string First => At(1);

    /// <summary>The number of addresses.</summary>
    public int Count => (1 << (IpAddresses.Bits(Network) - Network.PrefixLength)) - (Family == IpFamilies.V4 ? 2 : 1);

    /// <summary>The range in CIDR notation.</summary>
    /// <exception cref="FormatException">It is none, or too large or small.</exception>
    public static ServiceRange Of(string text) =>
        IPNetwork.TryParse(text, out var range) && range.ToString().Equals(text, StringComparison.OrdinalIgnoreCase) && IpAddresses.Bits(range) - range.PrefixLength is >= FewestBits and <= MostBits
            ? new ServiceRange(range)
            : throw new FormatException($"service-cidr: \"{text}\" must be a range whose address is its first: of IPv4 from /{32 - MostBits} to /{32 - FewestBits}, such as 10.96.0.0/16, "
                + $"or of IPv6 from /{128 - MostBits} to /{128 - FewestBits}, such as fd00:96::/112");

    /// <summary>Whether a service can have an address.</summary>
    public bool Has(string address) => IpFamilies.Of(address) == Family && IPAddress.Parse(address) is var parsed && Network.Contains(parsed)
        && IpAddresses.Number(parsed) - IpAddresses.Number(Network.BaseAddress) is var offset && offset > 0 && offset <= (UInt128)Count;

    /// <summary>The addresses that a service may be given, in the order in which it tries them.</summary>
    public IEnumerable<string> For(ObjectKey service) => KubernetesService.Is(service) ? [First]
        : TryOrder.Of(Count - 1, Math.Min(Math.Max(16, Count / 16), 256), service.PersistenceId).Select(i => At(i + 2));

    /// <inheritdoc/>
    public override string ToString() => Network.ToString();

    private string At(int offset) => IpAddresses.After(Network.BaseAddress, (UInt128)offset).ToString();
}
