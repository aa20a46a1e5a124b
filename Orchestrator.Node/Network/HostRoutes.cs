using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;

namespace Orchestrator.Node.Network;

/// <summary>The IPv4 routes of the host, as <c>/proc/net/route</c> shows them. Pure.</summary>
internal static class HostRoutes
{
    private const int GatewayColumn = 2;
    private const int FlagsColumn = 3;
    private const int MaskColumn = 7;

    // A route that leads nowhere (RTF_REJECT), such as the one that ends what is sent to addresses without a pod.
    private const uint Reject = 0x200;
    private const int UsualMtu = 1500;

    /// <summary>File of the routes.</summary>
    public const string File = "/proc/net/route";

    /// <summary>A route that leads addresses of a range elsewhere; null if there is none. A wider one, such as that of a private network, does not: the routes to pods are narrower.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="range">The range.</param>
    /// <param name="prefix">How the names of interfaces begin that may have such routes.</param>
    public static (string Interface, IPNetwork Range)? Conflict(string text, AddressRange range, string prefix) =>
        Read(text).Where(r => r.Range.PrefixLength >= range.Range.PrefixLength && !r.Interface.StartsWith(prefix, StringComparison.Ordinal) && range.Overlaps(r.Range))
            .Select(r => ((string, IPNetwork)?)(r.Interface, r.Range)).FirstOrDefault();

    /// <summary>Largest packet, in bytes, of the interface that leads out of the host.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="mtuOf">Largest packet of an interface.</param>
    public static int Mtu(string text, Func<string, int> mtuOf) => Read(text).Where(r => r.Range.PrefixLength == 0).Select(r => mtuOf(r.Interface)).FirstOrDefault(UsualMtu);

    /// <summary>Whether an address is reached without a router between.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="address">The address.</param>
    public static bool IsOnLink(string text, IPAddress address) =>
        Entries(text).Where(r => r.Range.Contains(address)).OrderByDescending(r => r.Range.PrefixLength).FirstOrDefault() is { Interface: not null, Gateway: 0 };

    private static IEnumerable<(string Interface, IPNetwork Range)> Read(string text) => Entries(text).Select(e => (e.Interface, e.Range));

    private static IEnumerable<(string Interface, IPNetwork Range, uint Gateway)> Entries(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var columns = line.Split('\t', StringSplitOptions.TrimEntries);
            if (columns.Length > MaskColumn && Number(columns[FlagsColumn]) is { } flags && (flags & Reject) == 0 && Number(columns[1]) is { } address && Number(columns[MaskColumn]) is { } mask && Number(columns[GatewayColumn]) is { } gateway)
            {
                yield return (columns[0], new IPNetwork(new IPAddress(address & mask), BitOperations.PopCount(mask)), gateway);
            }
        }
    }

    // In the order of the network, written as a number of this machine.
    private static uint? Number(string hex) => uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        ? BitConverter.IsLittleEndian ? number : BinaryPrimitives.ReverseEndianness(number) : null;
}
