namespace Orchestrator.Node.Network;

/// <summary>What the kernel knows of connections that pass it, changed by the tool for it (package conntrack) where the host has that.</summary>
internal static class ConnectionTracker
{
    private const string Tool = "conntrack";

    /// <summary>Makes the kernel forget the connections that a filter of the tool selects. Nothing happens without the tool, or if there are none.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="isIPv6">Whether connections of IPv6 are meant, or those of IPv4.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public static async Task ForgetAsync(IReadOnlyList<string> filter, bool isIPv6, CancellationToken cancellation)
    {
        if (HostTool.Find(Tool) is null)
        {
            return;
        }

        try
        {
            await HostTool.RunAsync(Tool, ["-D", "-f", isIPv6 ? "ipv6" : "ipv4", .. filter], "", cancellation).ConfigureAwait(false);
        }
        catch (NetworkException)
        {
            // There was nothing to forget.
        }
    }
}
