using System.Net;

namespace Orchestrator.Actors.Validation;

/// <summary>IP addresses as names of objects: each address has one (Kubernetes, ValidateIPAddressName). Pure.</summary>
internal static class AddressNames
{
    /// <summary>The form of an address that names it (RFC 5952); any other text as it is.</summary>
    public static string Canonical(string text) => IpAddresses.IsAddress(text) ? IPAddress.Parse(text).ToString() : text;

    /// <summary>What speaks against a text as a name; null for nothing.</summary>
    public static string? Rule(string text) => !IpAddresses.IsAddress(text) ? IpAddresses.NoAddress : Canonical(text) != text ? "must be a canonical format IP address" : null;
}
