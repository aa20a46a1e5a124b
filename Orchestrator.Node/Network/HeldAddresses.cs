using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Network;

/// <summary>Addresses that a node has for load balancers: on its loopback interface, so that the kernel answers for them on the wire, with a label by which they are known.</summary>
internal static class HeldAddresses
{
    private const string Loopback = "lo";

    /// <summary>Has these and no others, and tells the neighbours of those that are new.</summary>
    /// <exception cref="NetworkException">They cannot be changed.</exception>
    public static async Task HoldAsync(NetworkNames names, IReadOnlySet<string> wanted, CancellationToken cancellation)
    {
        var present = await PresentAsync(names, cancellation).ConfigureAwait(false);
        var added = wanted.Where(a => !present.Contains(a)).ToList();
        await HostTool.BatchAsync("ip", [],
            [.. present.Where(a => !wanted.Contains(a)).Select(a => $"addr del {a}/32 dev {Loopback}"), .. added.Select(a => $"addr add {a}/32 dev {Loopback} label {LabelOf(names)}")], cancellation).ConfigureAwait(false);
        added.ForEach(a => Announce(IPAddress.Parse(a)));
    }

    private static string LabelOf(NetworkNames names) => $"{Loopback}:{names.Prefix}";

    private static async Task<IReadOnlySet<string>> PresentAsync(NetworkNames names, CancellationToken cancellation)
    {
        var text = await HostTool.RunAsync("ip", ["-j", "-4", "addr", "show", "dev", Loopback], "", cancellation).ConfigureAwait(false);
        return (JsonNode.Parse(text) as JsonArray ?? []).SelectMany(i => i?["addr_info"] as JsonArray ?? []).Where(a => (string?)a?["label"] == LabelOf(names)).Select(a => (string?)a!["local"] ?? "").ToHashSet();
    }

    // Whoever has heard of another host with the address learns of this one at once (RFC 5227, ARP announcement).
    private static void Announce(IPAddress address)
    {
        foreach (var (network, unicast) in HostInterfaces.Addresses().Where(a => a.Unicast.Address.AddressFamily == AddressFamily.InterNetwork && a.Interface.NetworkInterfaceType != NetworkInterfaceType.Loopback))
        {
            if (IpAddresses.Range($"{unicast.Address}/{unicast.PrefixLength}") is { } range && range.Contains(address) && network.GetPhysicalAddress().GetAddressBytes() is { Length: 6 } hardware)
            {
                try
                {
                    using var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)LinkEndPoint.Arp));
                    socket.SendTo(Frame(hardware, address.GetAddressBytes()), new LinkEndPoint(network.GetIPProperties().GetIPv4Properties().Index));
                }
                catch (Exception e) when (e is SocketException or NetworkInformationException)
                {
                    // They learn of it when what they know grows old.
                }
            }
        }
    }

    // Ethernet to all; ARP request for Ethernet and IPv4, from the address to itself.
    private static byte[] Frame(byte[] hardware, byte[] address) =>
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. hardware, 0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1, .. hardware, .. address, 0, 0, 0, 0, 0, 0, .. address];

    // sockaddr_ll of Linux: family, protocol, index of the interface, type, packet type, length and address.
    private sealed class LinkEndPoint(int index) : EndPoint
    {
        public const int Arp = 0x0806;
        private const int Size = 20;

        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, Size);
            (address[2], address[3]) = (Arp >> 8, Arp & 0xFF);
            var bytes = BitConverter.GetBytes(index);
            for (var i = 0; i < bytes.Length; i++)
            {
                address[4 + i] = bytes[i];
            }

            address[11] = 6;
            for (var i = 0; i < 6; i++)
            {
                address[12 + i] = 0xFF;
            }

            return address;
        }

        public override EndPoint Create(SocketAddress socketAddress) => this;
    }
}
