using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>Removes everything that a node has in the network of its host, for <c>orc down --purge</c>.</summary>
internal static class NodeNetwork
{
    /// <summary>Removes it. What is not there is no error.</summary>
    public static async Task RemoveAsync(NetworkNames names, CancellationToken cancellation)
    {
        await PeerRoutes.RemoveAsync(names, cancellation).ConfigureAwait(false);
        if (HostTool.Find("ip") is not null)
        {
            await HeldAddresses.HoldAsync(names, new HashSet<string>(), cancellation).ConfigureAwait(false);
        }

        await NamespaceMaker.RemoveAsync(new NamespaceMaker(names).Present(), cancellation).ConfigureAwait(false);
        if (HostTool.Find("nft") is not null)
        {
            await HostTool.RunAsync("nft", ["-f", "-"],
                string.Concat(((string[])[names.Table, names.ServiceTable, names.PolicyTable]).Select(PacketTables.Without)), cancellation).ConfigureAwait(false);
        }

        await HostForwarding.ForbidAsync(names, cancellation).ConfigureAwait(false);
    }
}
