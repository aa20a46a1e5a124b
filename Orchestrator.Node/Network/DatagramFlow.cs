using System.Globalization;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Network;

/// <summary>Datagrams that the kernel sends where it sent their first, whatever the rules say by then. It can be made to forget, where the host has the tool for it.</summary>
/// <param name="Address">Where to; null for any address of the host.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsToPod">Whether that is the pod that they come to, and not what their senders have written on them.</param>
internal sealed record DatagramFlow(string? Address, int Port, bool IsToPod)
{
    /// <summary>Those that come to a pod.</summary>
    public static DatagramFlow ToPod(string address, int port) => new(address, port, true);

    /// <summary>Those that are sent to an address.</summary>
    public static DatagramFlow ToAddress(string address, int port) => new(address, port, false);

    /// <summary>Those that are sent to a port of the host.</summary>
    public static DatagramFlow ToPort(int port) => new(null, port, false);

    /// <summary>Makes the kernel forget all of some.</summary>
    public static Task ForgetAsync(IReadOnlyCollection<DatagramFlow> flows, CancellationToken cancellation) =>
        Parallel.ForEachAsync(flows, cancellation, async (flow, token) => await flow.ForgetAsync(token).ConfigureAwait(false));

    /// <summary>Makes the kernel forget them.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        var (address, port) = IsToPod ? ("--reply-src", "--reply-port-src") : ("--orig-dst", "--orig-port-dst");
        foreach (var family in Address is null ? PacketFamily.All : [PacketFamily.Of(Address)])
        {
            await ConnectionTracker.ForgetAsync(["-p", "udp", port, Port.ToString(CultureInfo.InvariantCulture), .. Address is null ? [] : (string[])[address, Address]], family, cancellation).ConfigureAwait(false);
        }
    }
}
