using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Node.Network;

/// <summary>Names of what a node has in the network of its host. All begin alike, and otherwise than those of another data directory on the same host, so that they can be found and removed.</summary>
internal sealed record NetworkNames
{
    /// <summary>How the names of all nodes begin.</summary>
    public const string Start = "orc";

    /// <summary>Folder of the network namespaces, where <c>ip netns</c> looks for them.</summary>
    public const string Folder = "/run/netns";

    private const int OwnerDigits = 4;
    private const int PodDigits = 8;
    private const int FirstMetric = 100_000;
    private const int LastMetrics = 100_000_000;

    private NetworkNames(string prefix) => Prefix = prefix;

    /// <summary>How the names of this node begin; seven characters, because an interface has at most fifteen.</summary>
    public string Prefix { get; }

    /// <summary>The node's table of packet rules.</summary>
    public string Table => Prefix;

    /// <summary>The table of the packet rules of services.</summary>
    public string ServiceTable => $"{Prefix}-services";

    /// <summary>The table of the packet rules of network policies.</summary>
    public string PolicyTable => $"{Prefix}-policies";

    /// <summary>The interface that leads to pods behind routers.</summary>
    public string Tunnel => $"{Prefix}tun";

    /// <summary>The metric of the node's routes, by which they are told from those of another data directory.</summary>
    public int Metric => FirstMetric + int.Parse(Prefix[Start.Length..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>The metric of the route that ends what is sent to addresses of the node without a pod: behind all others.</summary>
    public int LastMetric => Metric + LastMetrics;

    /// <summary>The names of the node of an installation.</summary>
    public static NetworkNames Of(string installation) => new(Start + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(installation)))[..OwnerDigits]);

    /// <summary>The interface of the host, and the namespace, of a pod that is known by an address.</summary>
    public string For(IPAddress address) => Prefix + Number(address).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>The namespace of a pod that gets its address later.</summary>
    public string For(string podUid) => Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(podUid)))[..PodDigits];

    /// <summary>Path of the namespace of that name.</summary>
    public static string PathOf(string name) => Path.Combine(Folder, name);

    // Four bytes of an address of IPv6 would be the same in other ranges, so all count.
    private static uint Number(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return BinaryPrimitives.ReadUInt32BigEndian(bytes.Length == sizeof(uint) ? bytes : SHA256.HashData(bytes));
    }
}
