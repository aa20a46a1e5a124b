using System.Globalization;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Proxy;

/// <summary>Where datagrams that are under way go: the kernel remembers it for minutes, as long as the sender goes on.</summary>
internal static class UdpFlows
{
    private const string Tracker = "conntrack";

    /// <summary>Makes the kernel forget those that lead to endpoints that are gone, so that their senders reach others. Only where the host has the tool for it (package conntrack).</summary>
    public static async Task ForgetAsync(IEnumerable<(string Address, int Port)> gone, CancellationToken cancellation)
    {
        foreach (var (address, port) in gone.Where(_ => HostTool.Find(Tracker) is not null))
        {
            try
            {
                await HostTool.RunAsync(Tracker, ["-D", "-p", "udp", "--dst-nat", address, "--reply-port-src", port.ToString(CultureInfo.InvariantCulture)], "", cancellation).ConfigureAwait(false);
            }
            catch (NetworkException)
            {
                // There was nothing to forget.
            }
        }
    }
}
