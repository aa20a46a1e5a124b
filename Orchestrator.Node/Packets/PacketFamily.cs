using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Packets;

/// <summary>A family of addresses, in the words of packet rules.</summary>
/// <param name="Addresses">The family.</param>
/// <param name="Word">How <c>nft</c> calls it.</param>
/// <param name="Type">The type of its addresses.</param>
/// <param name="Suffix">What tells its maps, sets and chains from those of IPv4.</param>
/// <param name="Loopback">The addresses of a host for itself.</param>
internal sealed record PacketFamily(AddressFamily Addresses, string Word, string Type, string Suffix, string Loopback)
{
    /// <summary>IPv4.</summary>
    public static readonly PacketFamily IPv4 = new(AddressFamily.InterNetwork, "ip", "ipv4_addr", "", "127.0.0.0/8");

    /// <summary>IPv6.</summary>
    public static readonly PacketFamily IPv6 = new(AddressFamily.InterNetworkV6, "ip6", "ipv6_addr", "6", "::1/128");

    /// <summary>Both.</summary>
    public static readonly ImmutableArray<PacketFamily> All = [IPv4, IPv6];

    /// <summary>Its name in objects, such as addressType of EndpointSlices.</summary>
    public string Name => this == IPv4 ? IpFamilies.V4 : IpFamilies.V6;

    /// <summary>The usual text of an address of this family; null if a text is none.</summary>
    public string? Canonical(string? text) => Parse(text)?.ToString();

    /// <summary>The address of this family that a text says; null if it says none.</summary>
    public IPAddress? Parse(string? text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == Addresses && !address.IsIPv4MappedToIPv6 && (this == IPv6 || address.ToString() == text) ? address : null;

    /// <summary>That of the text of an address, or of one with something behind it.</summary>
    public static PacketFamily Of(string address) => address.Contains(':', StringComparison.Ordinal) ? IPv6 : IPv4;

    /// <summary>That of an address.</summary>
    public static PacketFamily Of(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6;
}
