using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

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

    private const int SmallestPrefix = 16;

    /// <summary>Whether they are those of the nodes.</summary>
    public bool IsByNodes { get; private init; }

    /// <summary>First and last of each range that is given out; none if none are.</summary>
    public ImmutableArray<(uint First, uint Last)> Pool { get; private init; } = [];

    /// <summary>The addresses of the pool, in their order.</summary>
    public IEnumerable<string> Addresses => Pool.SelectMany(r => Enumerable.Range(0, (int)(r.Last - r.First) + 1).Select(i => Text(r.First + (uint)i)));

    /// <summary>Reads a setting: <c>nodes</c>, <c>off</c>, or ranges such as <c>192.0.2.240-192.0.2.250, 198.51.100.0/28</c>.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="others">Ranges that pods and services have.</param>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static LoadBalancing Of(string text, params ReadOnlySpan<IPNetwork> others)
    {
        if (text is "nodes" or "off")
        {
            return text == "nodes" ? Nodes : Off;
        }

        var ranges = ImmutableArray.CreateBuilder<(uint, uint)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (first, last) = Range(part) ?? throw new FormatException(
                $"load-balancer: \"{part}\" must be \"nodes\", \"off\", or ranges of IPv4 addresses such as 192.0.2.240-192.0.2.250 or 198.51.100.0/28, at most /{SmallestPrefix}");
            foreach (var other in others)
            {
                if (other.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
                {
                    continue;
                }

                var begin = Number(other.BaseAddress);
                if (begin <= last && first <= begin + (uint)((1L << (32 - other.PrefixLength)) - 1))
                {
                    throw new FormatException($"load-balancer: {part} overlaps with {other}, whose addresses are those of pods or of services");
                }
            }

            ranges.Add((first, last));
        }

        return new LoadBalancing { Pool = ranges.ToImmutable() };
    }

    /// <summary>Whether an address is one of the pool.</summary>
    public bool Has(string address) => IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork && Number(parsed) is var number && Pool.Any(r => r.First <= number && number <= r.Last);

    private static (uint, uint)? Range(string text)
    {
        var ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length == 2 && Address(ends[0]) is { } first && Address(ends[1]) is { } last)
        {
            return first <= last && last - first < 1u << (32 - SmallestPrefix) ? (first, last) : null;
        }

        return IPNetwork.TryParse(text, out var range) && range.BaseAddress.AddressFamily == AddressFamily.InterNetwork && range.PrefixLength >= SmallestPrefix
            ? (Number(range.BaseAddress), Number(range.BaseAddress) + (uint)((1L << (32 - range.PrefixLength)) - 1)) : null;
    }

    private static uint? Address(string text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? Number(address) : null;

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static string Text(uint number) => string.Create(CultureInfo.InvariantCulture, $"{number >> 24}.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}.{number & 0xFF}");
}
