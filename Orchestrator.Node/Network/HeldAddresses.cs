using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>Addresses that a node has for load balancers, so that the kernel answers for them on the wire.</summary>
/// <remarks>Those of IPv4 are on the loopback interface, with a label by which they are known. Of IPv6 the kernel answers for what is on the interface of the wire alone; they have no label there, and are known by
/// the metric of the node, nor is anything sent from them (a preferred lifetime of 0).</remarks>
internal static class HeldAddresses
{
    private const string Loopback = "lo";
    private const string AllNodes = "ff02::1";
    private const int MostHops = 255;

    /// <summary>Has these and no others, and tells the neighbours of those that are new.</summary>
    /// <exception cref="NetworkException">They cannot be changed.</exception>
    public static async Task HoldAsync(NetworkNames names, IReadOnlySet<string> wanted, CancellationToken cancellation)
    {
        var present = await PresentAsync(names, cancellation).ConfigureAwait(false);

        // The wire of an address of IPv6 may be another one by now, or be there only now.
        var places = wanted.ToDictionary(a => a, PlaceOf);
        var added = places.Where(p => present.GetValueOrDefault(p.Key) != p.Value).ToList();
        await HostTool.BatchAsync("ip", [],
            [.. present.Where(p => places.GetValueOrDefault(p.Key) != p.Value).Select(p => $"addr del {p.Key}/{BitsOf(p.Key)} dev {p.Value}"), .. added.Select(a => Line(names, a.Key, a.Value))], cancellation).ConfigureAwait(false);
        added.ForEach(a => Announce(IPAddress.Parse(a.Key)));
    }

    private static string PlaceOf(string address) => IsIPv6(address) ? Wires(IPAddress.Parse(address)).Select(w => w.Interface.Name).FirstOrDefault(Loopback) : Loopback;

    private static string Line(NetworkNames names, string address, string place) =>
        string.Create(CultureInfo.InvariantCulture, $"addr add {address}/{BitsOf(address)} dev {place} {(IsIPv6(address) ? string.Create(CultureInfo.InvariantCulture, $"metric {names.Metric} preferred_lft 0 nodad") : $"label {LabelOf(names)}")}");

    private static bool IsIPv6(string address) => PacketFamily.Of(address) == PacketFamily.IPv6;

    private static int BitsOf(string address) => IpAddresses.Bits(IPAddress.Parse(address));

    private static string LabelOf(NetworkNames names) => $"{Loopback}:{names.Prefix}";

    // With the interfaces that have them.
    private static async Task<IReadOnlyDictionary<string, string>> PresentAsync(NetworkNames names, CancellationToken cancellation)
    {
        var found = new Dictionary<string, string>();
        foreach (var which in (string[][])[["-4", "addr", "show", "dev", Loopback], ["-6", "addr", "show", "deprecated"]])
        {
            var text = await HostTool.RunAsync("ip", ["-j", .. which], "", cancellation).ConfigureAwait(false);
            foreach (var link in JsonNode.Parse(text) as JsonArray ?? [])
            {
                foreach (var address in (link?["addr_info"] as JsonArray ?? []).Where(a => (string?)a?["label"] == LabelOf(names) || ((string?)a?["family"] == "inet6" && (int?)a["metric"] == names.Metric)))
                {
                    found[(string?)address!["local"] ?? ""] = (string?)link!["ifname"] ?? "";
                }
            }
        }

        return found;
    }

    // Where an address is one of the wire's network.
    private static IEnumerable<(NetworkInterface Interface, byte[] Hardware)> Wires(IPAddress address) =>
        from known in HostInterfaces.Addresses()
        where known.Unicast.Address.AddressFamily == address.AddressFamily && known.Interface.NetworkInterfaceType != NetworkInterfaceType.Loopback && !known.Unicast.Address.Equals(address)
        where IpAddresses.Range($"{known.Unicast.Address}/{known.Unicast.PrefixLength}")?.Contains(address) == true
        let hardware = known.Interface.GetPhysicalAddress().GetAddressBytes()
        where hardware.Length == 6
        select (known.Interface, hardware);

    // Whoever has heard of another host with the address learns of this one at once (RFC 5227, ARP announcement; RFC 4861, unsolicited neighbor advertisement).
    private static void Announce(IPAddress address)
    {
        foreach (var (network, hardware) in Wires(address))
        {
            try
            {
                if (address.AddressFamily == AddressFamily.InterNetwork)
                {
                    using var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)LinkEndPoint.Arp));
                    socket.SendTo(Frame(hardware, address.GetAddressBytes()), new LinkEndPoint(network.GetIPProperties().GetIPv4Properties().Index));
                }
                else
                {
                    using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
                    socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, MostHops);
                    socket.SendTo(Advertisement(hardware, address.GetAddressBytes()), new IPEndPoint(IPAddress.Parse($"{AllNodes}%{network.GetIPProperties().GetIPv6Properties().Index}"), 0));
                }
            }
            catch (Exception e) when (e is SocketException or NetworkInformationException)
            {
                // They learn of it when what they know grows old.
            }
        }
    }

    // ICMPv6, its sum made by the kernel: in place of what others know of the address, with the hardware address of whoever sends.
    private static byte[] Advertisement(byte[] hardware, byte[] address) => [136, 0, 0, 0, 0x20, 0, 0, 0, .. address, 2, 1, .. hardware];

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
