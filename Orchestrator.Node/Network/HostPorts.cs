using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>Ports of the host that lead to pods.</summary>
internal static class HostPorts
{
    private const string Tcp = "TCP";
    private const string Udp = "UDP";

    /// <summary>Checks that a port is free: a process of the host that listens would be cut off from the outside, and of two pods one would have none.</summary>
    /// <param name="port">The port.</param>
    /// <param name="used">Ports of other pods.</param>
    /// <param name="hasIPv6">Whether the pod has an address of IPv6, so that it is reached at those of the host.</param>
    /// <exception cref="NetworkException">It is not.</exception>
    public static void Check(HostPort port, IEnumerable<HostPort> used, bool hasIPv6 = false)
    {
        if (used.Any(u => u.Port == port.Port && u.Protocol == port.Protocol && (IsAll(u) || IsAll(port) || (PacketFamily.Of(u.HostIp) == PacketFamily.Of(port.HostIp) && (IsAny(u) || IsAny(port) || u.HostIp == port.HostIp)))))
        {
            throw Refused(port, "another pod of the node has it");
        }

        if (port.Protocol is not (Tcp or Udp))
        {
            return;
        }

        if (!IPAddress.TryParse(IsAll(port) ? "0.0.0.0" : port.HostIp, out var address))
        {
            throw Refused(port, $"\"{port.HostIp}\" is no address");
        }

        Try(port, address);
        if (IsAll(port) && hasIPv6)
        {
            Try(port, IPAddress.IPv6Any);
        }
    }

    private static void Try(HostPort port, IPAddress address)
    {
        try
        {
            using var socket = port.Protocol == Tcp ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.Bind(new IPEndPoint(address, port.Port));
        }
        catch (SocketException e)
        {
            throw Refused(port, e.Message);
        }
    }

    /// <summary>Makes the kernel forget where packets to ports that are free again went, so that senders that go on reach the next pod.</summary>
    public static async Task ForgetAsync(IEnumerable<HostPort> ports, CancellationToken cancellation)
    {
        foreach (var port in ports.Where(p => p.Protocol == Udp).Select(p => p.Port).Distinct())
        {
            await DatagramFlow.ToPort(port).ForgetAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsAll(HostPort port) => port.HostIp is "";

    // Of its family.
    private static bool IsAny(HostPort port) => port.HostIp is "0.0.0.0" or "::";

    private static NetworkException Refused(HostPort port, string why) => new(string.Create(CultureInfo.InvariantCulture, $"port {port.Port}/{port.Protocol} of the host cannot be used: {why}"));
}
