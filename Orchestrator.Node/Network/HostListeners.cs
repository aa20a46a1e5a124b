using System.Globalization;

namespace Orchestrator.Node.Network;

/// <summary>Ports at which processes of this host listen, as <c>/proc/net</c> shows them.</summary>
internal static class HostListeners
{
    // Of /proc/net/tcp: a socket that listens. A UDP socket without a peer has the other state.
    private const string Listens = "0A";
    private const string Unconnected = "07";
    private const int AddressColumn = 1;
    private const int StateColumn = 3;

    /// <summary>The ports of a protocol, at whatever address.</summary>
    /// <param name="protocol">TCP or UDP; others have none.</param>
    public static IReadOnlySet<int> Of(string protocol) => protocol is "TCP" or "UDP"
        ? ((string[])["", "6"]).Select(family => $"/proc/net/{protocol.ToLowerInvariant()}{family}").Where(File.Exists).SelectMany(f => Read(protocol, File.ReadLines(f).Skip(1))).ToHashSet() : new HashSet<int>();

    /// <summary>The ports in lines of such a file.</summary>
    public static IReadOnlySet<int> Read(string protocol, IEnumerable<string> lines)
    {
        var found = new HashSet<int>();
        foreach (var line in lines)
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length <= StateColumn || columns[StateColumn] != (protocol == "TCP" ? Listens : Unconnected))
            {
                // The kernel shows the sockets of TCP that listen first, and there may be many more that are connected.
                if (protocol == "TCP")
                {
                    break;
                }
            }
            else if (int.TryParse(columns[AddressColumn].Split(':')[^1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port))
            {
                found.Add(port);
            }
        }

        return found;
    }
}
