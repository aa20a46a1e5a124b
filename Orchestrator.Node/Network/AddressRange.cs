using System.Net;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Network;

/// <summary>The addresses of the pods of a node, of one family. Pure.</summary>
/// <param name="Range">The range of the node.</param>
internal sealed record AddressRange(IPNetwork Range)
{
    // The first address names the range, the second one is the gateway, the last one is for broadcasts.
    private const int Reserved = 3;
    private const int FirstPod = 2;

    // Of larger ranges only so many are used.
    private const int MostBits = 24;

    /// <summary>Whether it has room for a pod.</summary>
    public bool HasRoom => HostBits >= 2;

    /// <summary>How many pods have room.</summary>
    public int Size => (1 << Math.Min(HostBits, MostBits)) - Reserved;

    /// <summary>The address that pods send to first: the host, on every pod's interface.</summary>
    public IPAddress Gateway => At(-1);

    /// <summary>The address of the pod with a number, from 0.</summary>
    public IPAddress At(int index) => IpAddresses.After(Range.BaseAddress, (UInt128)(uint)(index + FirstPod));

    /// <summary>The number of an address; null if it is none of a pod.</summary>
    public int? IndexOf(IPAddress address) =>
        Range.Contains(address) && IpAddresses.Number(address) - IpAddresses.Number(Range.BaseAddress) is var offset && offset >= FirstPod && offset < (UInt128)(uint)(Size + FirstPod) ? (int)offset - FirstPod : null;

    /// <summary>Whether another range has addresses of this one.</summary>
    public bool Overlaps(IPNetwork other) => IpAddresses.Overlap(Range, other);

    private int HostBits => IpAddresses.Bits(Range) - Range.PrefixLength;
}
