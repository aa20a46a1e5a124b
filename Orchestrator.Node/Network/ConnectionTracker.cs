using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>What the kernel knows of connections that pass it, changed by the tool for it (package conntrack) where the host has that.</summary>
internal static class ConnectionTracker
{
    private const string Tool = "conntrack";

    /// <summary>Makes the kernel forget the connections that a filter of the tool selects. Nothing happens without the tool, or if there are none.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="family">Connections between addresses of which family are meant.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public static async Task ForgetAsync(IReadOnlyList<string> filter, PacketFamily family, CancellationToken cancellation)
    {
        if (HostTool.Find(Tool) is null)
        {
            return;
        }

        try
        {
            await HostTool.RunAsync(Tool, ["-D", "-f", family.Name.ToLowerInvariant(), .. filter], "", cancellation).ConfigureAwait(false);
        }
        catch (NetworkException)
        {
            // There was nothing to forget.
        }
    }
}
