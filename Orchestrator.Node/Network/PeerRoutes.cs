using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network;

/// <summary>The routes of a host to the pods of others, by <c>ip</c> and <c>bridge</c> of iproute2.</summary>
/// <param name="names">Names of the node.</param>
/// <param name="cluster">Addresses of all pods.</param>
/// <param name="mode">Which ways may be gone.</param>
internal sealed class PeerRoutes(NetworkNames names, IPNetwork cluster, PeerMode mode)
{
    private ImmutableArray<PeerRoute>? _made;

    /// <summary>Makes the routes what they should be. May be repeated; does nothing if they are.</summary>
    /// <exception cref="NetworkException">They cannot be made.</exception>
    public async Task MakeAsync(IEnumerable<NodeRange> peers, IPNetwork range, IPAddress host, CancellationToken cancellation)
    {
        var routes = await File.ReadAllTextAsync(HostRoutes.File, cancellation).ConfigureAwait(false);
        var wanted = PeerPlanner.Plan(peers, host, routes, mode);
        if (_made is { } made && made.SequenceEqual(wanted))
        {
            return;
        }

        _made = null;
        if (wanted.Any(w => !w.IsDirect))
        {
            if (!HostInterfaces.Has(names.Tunnel))
            {
                await HostTool.BatchAsync("ip", [], PeerPlanner.Tunnel(names.Tunnel, range, cluster, host, HostRoutes.Mtu(routes, HostInterfaces.Mtu)), cancellation).ConfigureAwait(false);
            }

            await HostTool.BatchAsync("bridge", [], PeerPlanner.Hosts(wanted, names.Tunnel), cancellation).ConfigureAwait(false);
        }

        await HostTool.BatchAsync("ip", [], PeerPlanner.Lines(wanted, await PresentAsync(names, cancellation).ConfigureAwait(false), names.Tunnel, names.Metric), cancellation).ConfigureAwait(false);
        _made = wanted;
    }

    /// <summary>Removes the routes of a node, and its tunnel.</summary>
    public static async Task RemoveAsync(NetworkNames names, CancellationToken cancellation)
    {
        if (HostTool.Find("ip") is null)
        {
            return;
        }

        await HostTool.BatchAsync("ip", [], PeerPlanner.Lines([], await PresentAsync(names, cancellation).ConfigureAwait(false), names.Tunnel, names.Metric), cancellation).ConfigureAwait(false);
        if (HostInterfaces.Has(names.Tunnel))
        {
            await HostTool.BatchAsync("ip", [], [$"link del {names.Tunnel}"], cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<IPNetwork>> PresentAsync(NetworkNames names, CancellationToken cancellation)
    {
        var text = await HostTool.RunAsync("ip", ["-j", "-4", "route", "show", "proto", PeerPlanner.Protocol.ToString(CultureInfo.InvariantCulture)], "", cancellation).ConfigureAwait(false);
        return [.. (text.Trim().Length == 0 ? [] : JsonNode.Parse(text) as JsonArray ?? []).Where(r => (int?)r?["metric"] == names.Metric && IPNetwork.TryParse((string?)r["dst"], out _)).Select(r => IPNetwork.Parse((string)r!["dst"]!))];
    }
}
