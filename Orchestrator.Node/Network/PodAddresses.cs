using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Node.Network;

/// <summary>The addresses of a pod.</summary>
/// <param name="First">The one by which it is known: of the cluster's first family.</param>
/// <param name="Second">The one of the other family; null if it has none.</param>
internal sealed record PodAddresses(IPAddress First, IPAddress? Second = null)
{
    /// <summary>All, the first one first.</summary>
    public IEnumerable<IPAddress> All => Second is null ? [First] : [First, Second];

    /// <summary>The one of a family; null if it has none.</summary>
    public IPAddress? Of(AddressFamily family) => All.FirstOrDefault(a => a.AddressFamily == family);

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', All);
}
