using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Actors.Validation;

/// <summary>Rules of IP addresses in objects. Pure.</summary>
internal static class IpAddresses
{
    /// <summary>What is wrong with a text for which <see cref="Range"/> finds nothing.</summary>
    public const string NoRange = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    /// <summary>What is wrong with a text that <see cref="IsAddress"/> denies.</summary>
    public const string NoAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    /// <summary>Whether a text is an address, without the forms that the runtime library reads too: short ones such as 10.1, brackets and zones.</summary>
    /// <param name="text">The text.</param>
    /// <param name="family">Of which family; null for any.</param>
    public static bool IsAddress(string text, AddressFamily? family = null) => IPAddress.TryParse(text, out var address) && (family is null || address.AddressFamily == family)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? text.AsSpan().IndexOfAny('[', '%') < 0 : address.ToString() == text);

    /// <summary>What speaks against packets to an address: it is none, or not of somebody else (Kubernetes, ValidateEndpointIP); null for nothing.</summary>
    public static string? Objection(string text) => !IsAddress(text) ? NoAddress : Objection(IPAddress.Parse(text), text);

    /// <summary>What speaks against packets to an address; null for nothing.</summary>
    /// <param name="address">The address.</param>
    /// <param name="text">As somebody has written it; null for the usual form.</param>
    public static string? Objection(IPAddress address, string? text = null)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return address switch
        {
            _ when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => $"may not be unspecified ({text ?? address.ToString()})",
            _ when IPAddress.IsLoopback(address) => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
            _ when address.IsIPv6LinkLocal || bytes[..length] is [169, 254, _, _] => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
            _ when bytes[..length] is [224, 0, 0, _] || (length == 16 && bytes is [0xFF, 0x02, ..]) => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
            _ => null,
        };
    }

    /// <summary>Whether two ranges have addresses in common.</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    /// <summary>The address so many after another, of the same family.</summary>
    public static IPAddress After(IPAddress address, UInt128 count)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Number(address) + count);
        return new IPAddress(address.AddressFamily == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }

    /// <summary>How many addresses after the first one of its family an address is.</summary>
    public static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(address.AddressFamily == AddressFamily.InterNetwork ? bytes[12..] : bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>How many bits an address has.</summary>
    public static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    /// <summary>How many bits an address of a range has.</summary>
    public static int Bits(IPNetwork range) => Bits(range.BaseAddress);

    /// <summary>The range that a text says in the form ADDRESS/LENGTH; null if it is none. Bits of the address behind the length do not count.</summary>
    public static IPNetwork? Range(string text)
    {
        var parts = text.Split('/');
        if (parts.Length != 2 || !IsAddress(parts[0]) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }

        var bytes = IPAddress.Parse(parts[0]).GetAddressBytes();
        if (length > bytes.Length * 8)
        {
            return null;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(length - (i * 8), 0, 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }
}
