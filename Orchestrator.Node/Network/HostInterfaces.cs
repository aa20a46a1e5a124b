using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace Orchestrator.Node.Network;

/// <summary>The interfaces of this host. Those of pods come and go at any time, and the runtime library fails when one goes while it reads them.</summary>
internal static class HostInterfaces
{
    private const string Devices = "/proc/net/dev";
    private const string DevicesOfIPv6 = "/proc/net/if_inet6";
    private const int Temporary = 0x01;
    private const int Deprecated = 0x20;
    private const int Headings = 2;
    private const int UsualMtu = 1500;
    private const int Tries = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Names of the interfaces. Of the namespace of this process, which <c>/sys</c> need not show.</summary>
    public static IReadOnlySet<string> Names() => File.ReadLines(Devices).Skip(Headings).Select(l => l.Split(':')[0].Trim()).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether there is an interface.</summary>
    public static bool Has(string name) => Names().Contains(name);

    /// <summary>Largest packet of an interface, in bytes; 1500 if it cannot be read.</summary>
    public static int Mtu(string name) =>
        int.TryParse(File.Exists($"/sys/class/net/{name}/mtu") ? File.ReadAllText($"/sys/class/net/{name}/mtu") : "", NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var mtu) ? mtu : UsualMtu;

    /// <summary>Its addresses of IPv6 at which others may look for it: without those of a link, those that the host changes for privacy, and those that it has for a while, such as for load balancers.</summary>
    public static IReadOnlySet<IPAddress> LastingIPv6() => File.Exists(DevicesOfIPv6) ? LastingIPv6(File.ReadLines(DevicesOfIPv6)) : new HashSet<IPAddress>();

    /// <summary>Those in the lines of <c>/proc/net/if_inet6</c>: address, number of the interface, prefix length, scope, flags and name.</summary>
    public static IReadOnlySet<IPAddress> LastingIPv6(IEnumerable<string> lines) =>
        lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(c => c is [{ Length: 32 }, _, _, "00", var flags, ..] && (Convert.ToInt32(flags, 16) & (Temporary | Deprecated)) == 0)
            .Select(c => new IPAddress(Convert.FromHexString(c[0]))).ToHashSet();

    /// <summary>Addresses with the interfaces that have them.</summary>
    /// <exception cref="NetworkInformationException">They cannot be read.</exception>
    public static IReadOnlyList<(NetworkInterface Interface, UnicastIPAddressInformation Unicast)> Addresses()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses.Select(a => (i, a)))];
            }
            catch (Exception e) when (e is ArgumentException or NetworkInformationException or IOException && tries < Tries)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
