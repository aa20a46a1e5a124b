using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>Connections of an address that the kernel knows. Whoever gets an address that somebody had before must not inherit them.</summary>
internal static class AddressFlows
{
    private static readonly string[] Sides = ["--orig-src", "--orig-dst", "--reply-src", "--reply-dst"];

    /// <summary>Makes the kernel forget all connections of addresses.</summary>
    public static async Task ForgetAsync(IReadOnlyCollection<string> addresses, CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(addresses.SelectMany(a => Sides.Select(s => (Address: a, Side: s))), cancellation,
            async (flow, token) => await ConnectionTracker.ForgetAsync([flow.Side, flow.Address], PacketFamily.Of(flow.Address), token).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
