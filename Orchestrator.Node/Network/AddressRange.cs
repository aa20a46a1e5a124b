using System.Buffers.Binary;
using System.Net;

namespace Orchestrator.Node.Network;

/// <summary>The addresses of the pods of a node. Pure.</summary>
/// <param name="Range">The range of the node.</param>
internal sealed record AddressRange(IPNetwork Range)
{
    // The first address names the range, the second one is the gateway, the last one is for broadcasts.
    private const int Reserved = 3;

    /// <summary>Whether it has room for a pod.</summary>
    public bool HasRoom => Range.PrefixLength <= 32 - 2;

    /// <summary>How many pods have room.</summary>
    public int Size => (1 << (32 - Range.PrefixLength)) - Reserved;

    /// <summary>The address that pods send to first: the host, on every pod's interface.</summary>
    public IPAddress Gateway => At(-1);

    /// <summary>The next free address after the last one that was given, so that one that became free is used again as late as possible; null if there is none.</summary>
    /// <param name="used">Addresses in use.</param>
    /// <param name="last">The last one that was given; null at the beginning.</param>
    public IPAddress? Next(IReadOnlySet<IPAddress> used, IPAddress? last)
    {
        var first = last is not null && Range.Contains(last) ? (int)(Number(last) - Number(Range.BaseAddress)) - 1 : 0;
        return Enumerable.Range(0, Size).Select(i => At((first + i) % Size)).FirstOrDefault(a => !used.Contains(a));
    }

    /// <summary>Whether another range has addresses of this one.</summary>
    public bool Overlaps(IPNetwork other) => Range.Contains(other.BaseAddress) || other.Contains(Range.BaseAddress);

    private IPAddress At(int index)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(Number(Range.BaseAddress) + index + 2));
        return new IPAddress(bytes);
    }

    private static long Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
