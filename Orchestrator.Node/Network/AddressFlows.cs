namespace Orchestrator.Node.Network;

/// <summary>Connections of an address that the kernel knows. Whoever gets an address that somebody had before must not inherit them.</summary>
internal static class AddressFlows
{
    private const string Tracker = "conntrack";
    private static readonly string[] Sides = ["--orig-src", "--orig-dst", "--reply-src", "--reply-dst"];

    /// <summary>Makes the kernel forget all connections of addresses. Only where the host has the tool for it (package conntrack).</summary>
    public static async Task ForgetAsync(IReadOnlyCollection<string> addresses, CancellationToken cancellation)
    {
        if (addresses.Count == 0 || HostTool.Find(Tracker) is null)
        {
            return;
        }

        foreach (var (address, side) in addresses.SelectMany(a => Sides.Select(s => (a, s))))
        {
            try
            {
                await HostTool.RunAsync(Tracker, ["-D", side, address], "", cancellation).ConfigureAwait(false);
            }
            catch (NetworkException)
            {
                // There was nothing to forget.
            }
        }
    }
}
