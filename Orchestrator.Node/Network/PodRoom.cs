using System.Collections.Immutable;
using System.Net;

namespace Orchestrator.Node.Network;

/// <summary>The ranges of a node's pods: one of a family, or one of each. A pod has the same place in both. Pure.</summary>
/// <param name="First">That of pods' first addresses.</param>
/// <param name="Second">That of the other family; null if there is none.</param>
internal sealed record PodRoom(AddressRange First, AddressRange? Second)
{
    /// <summary>The ranges that a node has.</summary>
    /// <param name="podCidrs">One in CIDR notation, or two with a comma between.</param>
    /// <exception cref="NetworkException">They are none, or have no room for pods.</exception>
    public static PodRoom Of(string podCidrs)
    {
        var ranges = podCidrs.Split(',').Select(r => IPNetwork.TryParse(r, out var range) && new AddressRange(range) is { HasRoom: true } room ? room
            : throw new NetworkException($"spec.podCIDRs \"{r}\" of the node is no range with room for pods")).ToList();
        return ranges switch
        {
            [var only] => new PodRoom(only, null),
            [var first, var second] when first.Range.BaseAddress.AddressFamily != second.Range.BaseAddress.AddressFamily => new PodRoom(first, second),
            _ => throw new NetworkException($"spec.podCIDRs \"{podCidrs}\" of the node are not of different families"),
        };
    }

    /// <summary>All ranges, the first one first.</summary>
    public ImmutableArray<AddressRange> All => Second is null ? [First] : [First, Second];

    /// <summary>How many pods have room.</summary>
    public int Size => All.Min(r => r.Size);

    /// <summary>The addresses that pods send to first.</summary>
    public PodAddresses Gateways => new(First.Gateway, Second?.Gateway);

    /// <summary>The next free addresses after the last ones that were given, so that those that became free are used again as late as possible; null if there are none.</summary>
    /// <param name="used">Addresses in use.</param>
    /// <param name="last">The last ones that were given; null at the beginning.</param>
    public PodAddresses? Next(IReadOnlySet<IPAddress> used, PodAddresses? last)
    {
        var first = last is null ? 0 : First.IndexOf(last.First) + 1 ?? 0;
        return Enumerable.Range(0, Size).Select(i => At((first + i) % Size)).FirstOrDefault(a => !a.All.Any(used.Contains));
    }

    private PodAddresses At(int index) => new(First.At(index), Second?.At(index));

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', All.Select(r => r.Range));
}
