using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network;

/// <summary>The routes of a host to the pods of others, by <c>ip</c> and <c>bridge</c> of iproute2.</summary>
/// <param name="names">Names of the node.</param>
/// <param name="clusters">Addresses of all pods.</param>
/// <param name="mode">Which ways may be gone.</param>
internal sealed class PeerRoutes(NetworkNames names, IReadOnlyList<IPNetwork> clusters, PeerMode mode)
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMinutes(4);
    private ImmutableArray<PeerRoute>? _made;
    private (PodRoom Room, IPAddress Host)? _madeFrom;
    private long _looked;

    /// <summary>Makes the routes what they should be. May be repeated; does nothing if they are.</summary>
    /// <exception cref="NetworkException">They cannot be made.</exception>
    public async Task MakeAsync(IEnumerable<NodeRange> peers, PodRoom room, IReadOnlyList<IPAddress> hosts, CancellationToken cancellation)
    {
        var routes = await HostRoutes.ReadAsync(cancellation).ConfigureAwait(false);
        var wanted = PeerPlanner.Plan(peers, hosts, routes, clusters, mode);
        if (_made is { } made && _madeFrom == (room, hosts[0]) && made.SequenceEqual(wanted) && (Stopwatch.GetElapsedTime(_looked) < Recheck || await IsThereAsync(wanted, cancellation).ConfigureAwait(false)))
        {
            return;
        }

        _made = null;
        if (wanted.Any(w => !w.IsDirect))
        {
            if (HostInterfaces.Has(names.Tunnel) && !await IsTunnelOfAsync(room, hosts[0], cancellation).ConfigureAwait(false))
            {
                await HostTool.BatchAsync("ip", [], [$"link del {names.Tunnel}"], cancellation).ConfigureAwait(false);
            }

            if (!HostInterfaces.Has(names.Tunnel))
            {
                await HostTool.BatchAsync("ip", [], PeerPlanner.Tunnel(names.Tunnel, room, clusters[0], hosts[0], routes.Mtu(HostInterfaces.Mtu)), cancellation).ConfigureAwait(false);
                await HostForwarding.DistrustAsync(names.Tunnel, cancellation).ConfigureAwait(false);
            }

            await HostTool.BatchAsync("bridge", [], PeerPlanner.Hosts(wanted, names.Tunnel), cancellation).ConfigureAwait(false);
        }

        // One host that cannot be reached so keeps no other from having its route.
        await HostTool.BatchAsync("ip", ["-force"], PeerPlanner.Lines(wanted, await PresentAsync(names.Metric, cancellation).ConfigureAwait(false), names.Tunnel, names.Metric), cancellation).ConfigureAwait(false);
        (_made, _madeFrom) = (wanted, (room, hosts[0]));
        _looked = Stopwatch.GetTimestamp();
    }

    /// <summary>Removes the routes of a node, and its tunnel.</summary>
    public static async Task RemoveAsync(NetworkNames names, CancellationToken cancellation)
    {
        if (HostTool.Find("ip") is null)
        {
            return;
        }

        foreach (var metric in (int[])[names.Metric, names.LastMetric])
        {
            await HostTool.BatchAsync("ip", [], PeerPlanner.Lines([], await PresentAsync(metric, cancellation).ConfigureAwait(false), names.Tunnel, metric), cancellation).ConfigureAwait(false);
        }

        if (HostInterfaces.Has(names.Tunnel))
        {
            await HostTool.BatchAsync("ip", [], [$"link del {names.Tunnel}"], cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Ends what is sent to addresses of the node that no pod has, and that only; those of an earlier range may lead elsewhere.</summary>
    public static async Task EndAsync(NetworkNames names, PodRoom room, CancellationToken cancellation)
    {
        var ranges = room.All.Select(r => r.Range).ToList();
        var former = (await PresentAsync(names.LastMetric, cancellation).ConfigureAwait(false)).Where(r => !ranges.Contains(r));
        await HostTool.BatchAsync("ip", [], [.. PeerPlanner.Lines([], former, names.Tunnel, names.LastMetric), .. ranges.Select(r => PeerPlanner.Unreachable(r, names.LastMetric))], cancellation).ConfigureAwait(false);
    }

    // An interface that was down for a moment has lost them, and nothing tells of it.
    private async Task<bool> IsThereAsync(ImmutableArray<PeerRoute> wanted, CancellationToken cancellation)
    {
        _looked = Stopwatch.GetTimestamp();
        return (await PresentAsync(names.Metric, cancellation).ConfigureAwait(false)).ToHashSet().SetEquals(wanted.Select(w => w.Range));
    }

    // The node may have other ranges since it was made, or the host another address.
    private async Task<bool> IsTunnelOfAsync(PodRoom room, IPAddress host, CancellationToken cancellation)
    {
        var links = JsonNode.Parse(await HostTool.RunAsync("ip", ["-j", "-d", "addr", "show", names.Tunnel], "", cancellation).ConfigureAwait(false)) as JsonArray;
        var info = links is [JsonObject link] && (string?)link["address"] == PeerPlanner.HardwareOf(room.First.Range) ? link : null;
        var ends = (info?["addr_info"] as JsonArray ?? []).Select(a => (string?)a?["local"]).ToHashSet();
        return ((string?)info?["linkinfo"]?["info_data"]?["local"] ?? (string?)info?["linkinfo"]?["info_data"]?["local6"]) == host.ToString() && room.All.All(r => ends.Contains(PeerPlanner.EndOf(r.Range).ToString()));
    }

    private static async Task<IReadOnlyList<IPNetwork>> PresentAsync(int metric, CancellationToken cancellation)
    {
        var found = new List<IPNetwork>();
        foreach (var family in (string[])["-4", "-6"])
        {
            var text = await HostTool.RunAsync("ip", ["-j", family, "route", "show", "proto", PeerPlanner.Protocol.ToString(CultureInfo.InvariantCulture)], "", cancellation).ConfigureAwait(false);
            found.AddRange((text.Trim().Length == 0 ? [] : JsonNode.Parse(text) as JsonArray ?? []).Where(r => (int?)r?["metric"] == metric && IPNetwork.TryParse((string?)r["dst"], out _)).Select(r => IPNetwork.Parse((string)r!["dst"]!)));
        }

        return found;
    }
}
