using System.Globalization;
using System.Net.NetworkInformation;

namespace Orchestrator.Node.Network;

/// <summary>The interfaces of this host. Those of pods come and go at any time, and the runtime library fails when one goes while it reads them.</summary>
internal static class HostInterfaces
{
    private const string Devices = "/proc/net/dev";
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
