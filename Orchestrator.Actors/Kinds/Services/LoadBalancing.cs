using System.Collections.Immutable;
using System.Net;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Where Services of type LoadBalancer get their addresses.</summary>
public sealed record LoadBalancing
{
    /// <summary>From nobody: another implementation is to give them.</summary>
    public static readonly LoadBalancing Off = new();

    /// <summary>The addresses of the nodes.</summary>
    public static readonly LoadBalancing Nodes = new() { IsByNodes = true };

    /// <summary>The class of Services that are meant (<c>spec.loadBalancerClass</c>), beside those without one.</summary>
    public const string Class = "orchestrator.io/load-balancer";

    // Of a range at most so many addresses, as a /16 of IPv4 or a /112 of IPv6 has.
    private const int Most = 1 << 16;

    /// <summary>Whether they are those of the nodes.</summary>
    public bool IsByNodes { get; private init; }

    /// <summary>First address and size of each range that is given out; none if none are.</summary>
    public ImmutableArray<(IPAddress First, int Count)> Pool { get; private init; } = [];

    /// <summary>The addresses of the pool of a family (<see cref="IpFamilies"/>), in their order.</summary>
    public IEnumerable<string> AddressesOf(string family) => Pool.Where(r => IpFamilies.Of(r.First) == family).SelectMany(r => Enumerable.Range(0, r.Count).Select(i => $"{IpAddresses.After(r.First, (uint)i)}"));

    /// <summary>Reads a setting: <c>nodes</c>, <c>off</c>, or ranges such as <c>192.0.2.240-192.0.2.250, 198.51.100.0/28, 2001:db8::/120</c>.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="others">Ranges that pods and services have.</param>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static LoadBalancing Of(string text, params ReadOnlySpan<IPNetwork> others)
    {
        if (text is "nodes" or "off")
        {
            return text == "nodes" ? Nodes : Off;
        }

        var ranges = ImmutableArray.CreateBuilder<(IPAddress, int)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (first, last) = Range(part) ?? throw new FormatException(
                $"load-balancer: \"{part}\" must be \"nodes\", \"off\", or ranges of addresses such as 192.0.2.240-192.0.2.250 or 198.51.100.0/28, of at most {Most} each");
            foreach (var other in others)
            {
                if (other.Contains(first) || other.Contains(last) || IsBetween(other.BaseAddress, first, last))
                {
                    throw new FormatException($"load-balancer: {part} overlaps with {other}, whose addresses are those of pods or of services");
                }
            }

            ranges.Add((first, (int)(IpAddresses.Number(last) - IpAddresses.Number(first)) + 1));
        }

        return new LoadBalancing { Pool = ranges.ToImmutable() };
    }

    /// <summary>Whether an address is one of the pool.</summary>
    public bool Has(string address) => Address(address) is { } parsed && Pool.Any(r => IsBetween(parsed, r.First, IpAddresses.After(r.First, (uint)(r.Count - 1))));

    private static (IPAddress First, IPAddress Last)? Range(string text)
    {
        var ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length == 2)
        {
            return Address(ends[0]) is { } first && Address(ends[1]) is { } last && IsBetween(last, first, last) && IpAddresses.Number(last) - IpAddresses.Number(first) < Most ? (first, last) : null;
        }

        return IPNetwork.TryParse(text, out var range) && IpAddresses.Bits(range) - range.PrefixLength is var bits && 1L << Math.Min(bits, 32) is var size && size <= Most
            ? (range.BaseAddress, IpAddresses.After(range.BaseAddress, (UInt128)(size - 1))) : null;
    }

    private static bool IsBetween(IPAddress address, IPAddress first, IPAddress last) => address.AddressFamily == first.AddressFamily && first.AddressFamily == last.AddressFamily
        && IpAddresses.Number(first) <= IpAddresses.Number(address) && IpAddresses.Number(address) <= IpAddresses.Number(last);

    private static IPAddress? Address(string text) => IpAddresses.IsAddress(text) ? IPAddress.Parse(text) : null;
}
