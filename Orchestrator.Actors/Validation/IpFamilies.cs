using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Actors.Validation;

/// <summary>The families of IP addresses, by their names in objects. Pure.</summary>
internal static class IpFamilies
{
    /// <summary>Of addresses such as 10.9.8.7.</summary>
    public const string V4 = "IPv4";

    /// <summary>Of addresses such as 2001:db8::1.</summary>
    public const string V6 = "IPv6";

    /// <summary>The family of an address.</summary>
    public static string Of(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? V6 : V4;

    /// <summary>The family of an address in its text; null if it is none.</summary>
    public static string? Of(string? address) => address is not null && IpAddresses.IsAddress(address) ? Of(IPAddress.Parse(address)) : null;

    /// <summary>The family that is not the given one.</summary>
    public static string Other(string family) => family == V4 ? V6 : V4;
}
