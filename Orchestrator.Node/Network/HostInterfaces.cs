using System.Net.NetworkInformation;

namespace Orchestrator.Node.Network;

/// <summary>The interfaces of this host. Those of pods come and go at any time, and the runtime library fails when one goes while it reads them.</summary>
internal static class HostInterfaces
{
    private const int Tries = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

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
