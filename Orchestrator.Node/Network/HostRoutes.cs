using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;

namespace Orchestrator.Node.Network;

/// <summary>A route of the host.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Range">Where it leads.</param>
/// <param name="IsByRouter">Whether a router is between.</param>
internal sealed record HostRoute(string Interface, IPNetwork Range, bool IsByRouter);

/// <summary>The routes of the host, as <c>/proc/net/route</c> and <c>/proc/net/ipv6_route</c> show them. Pure, but for reading the files.</summary>
internal sealed class HostRoutes
{
    private const string File = "/proc/net/route";
    private const string FileOfIPv6 = "/proc/net/ipv6_route";
    private const int UsualMtu = 1500;

    // A route that leads nowhere (RTF_REJECT), such as the one that ends what is sent to addresses without a pod; a route to the host itself (RTF_LOCAL).
    private const uint Reject = 0x200;
    private const uint Local = 0x80000000;
    private readonly List<HostRoute> _routes;

    private HostRoutes(IEnumerable<HostRoute> routes) => _routes = [.. routes];

    /// <summary>Those that the host has now.</summary>
    public static async Task<HostRoutes> ReadAsync(CancellationToken cancellation) => Parse(await System.IO.File.ReadAllTextAsync(File, cancellation).ConfigureAwait(false),
        System.IO.File.Exists(FileOfIPv6) ? await System.IO.File.ReadAllTextAsync(FileOfIPv6, cancellation).ConfigureAwait(false) : "");

    /// <summary>The routes of the files' contents.</summary>
    public static HostRoutes Parse(string text, string textOfIPv6) => new([.. OfIPv4(text), .. OfIPv6(textOfIPv6)]);

    /// <summary>A route that leads addresses of a range elsewhere; null if there is none. A wider one, such as that of a private network, does not: the routes to pods are narrower.</summary>
    /// <param name="range">The range.</param>
    /// <param name="prefix">How the names of interfaces begin that may have such routes.</param>
    public HostRoute? Conflict(AddressRange range, string prefix) =>
        _routes.FirstOrDefault(r => r.Range.PrefixLength >= range.Range.PrefixLength && !r.Interface.StartsWith(prefix, StringComparison.Ordinal) && range.Overlaps(r.Range));

    /// <summary>Largest packet, in bytes, of the interface that leads out of the host.</summary>
    /// <param name="mtuOf">Largest packet of an interface.</param>
    public int Mtu(Func<string, int> mtuOf) => _routes.Where(r => r.Range.PrefixLength == 0).Select(r => mtuOf(r.Interface)).FirstOrDefault(UsualMtu);

    /// <summary>Whether an address is reached without a router between.</summary>
    public bool IsOnLink(IPAddress address) => _routes.Where(r => r.Range.Contains(address)).MaxBy(r => r.Range.PrefixLength) is { IsByRouter: false };

    private static IEnumerable<HostRoute> OfIPv4(string text)
    {
        foreach (var columns in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split('\t', StringSplitOptions.TrimEntries)))
        {
            if (columns is [var link, var to, var by, var flags, _, _, _, var bits, ..] && Number(flags) is { } kind && (kind & Reject) == 0
                && Number(to) is { } address && Number(bits) is { } mask && Number(by) is { } gateway)
            {
                // In the order of the network, written as a number of this machine.
                yield return new HostRoute(link, new IPNetwork(new IPAddress(BitConverter.IsLittleEndian ? address & mask : BinaryPrimitives.ReverseEndianness(address & mask)), BitOperations.PopCount(mask)), gateway != 0);
            }
        }
    }

    private static IEnumerable<HostRoute> OfIPv6(string text)
    {
        foreach (var columns in text.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (columns is [{ Length: 32 } to, var length, _, _, { Length: 32 } by, _, _, _, var flags, var link] && Number(flags) is { } kind && (kind & (Reject | Local)) == 0
                && Number(length) is { } bits and <= 128 && new IPAddress(Convert.FromHexString(to)) is { IsIPv6Multicast: false, IsIPv6LinkLocal: false } address)
            {
                yield return new HostRoute(link, new IPNetwork(address, (int)bits), by.Any(c => c != '0'));
            }
        }
    }

    private static uint? Number(string hex) => uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;
}
