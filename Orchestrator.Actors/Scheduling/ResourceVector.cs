using k8s.Models;

namespace Orchestrator.Actors.Scheduling;

/// <summary>An amount of each resource that a node offers: CPU in millicores, memory in bytes, pods, ephemeral storage in bytes.</summary>
internal readonly record struct ResourceVector(long Cpu, long Memory, long Pods, long Storage)
{
    // Maximum of one amount, so that sums do not overflow.
    private const long Ceiling = 1L << 54;

    public static ResourceVector operator +(ResourceVector a, ResourceVector b) =>
        new(a.Cpu + b.Cpu, a.Memory + b.Memory, a.Pods + b.Pods, a.Storage + b.Storage);

    public static ResourceVector operator -(ResourceVector a, ResourceVector b) =>
        new(a.Cpu - b.Cpu, a.Memory - b.Memory, a.Pods - b.Pods, a.Storage - b.Storage);

    public static ResourceVector Max(ResourceVector a, ResourceVector b) => new(
        Math.Max(a.Cpu, b.Cpu), Math.Max(a.Memory, b.Memory), Math.Max(a.Pods, b.Pods), Math.Max(a.Storage, b.Storage));

    /// <summary>Reads a resource list. Round requests up and allocatable amounts down, so that a node is never overcommitted.</summary>
    public static ResourceVector From(IDictionary<string, ResourceQuantity>? list, bool roundUp) => new(
        Read(list, "cpu", 1000, roundUp), Read(list, "memory", 1, roundUp),
        Read(list, "pods", 1, roundUp), Read(list, "ephemeral-storage", 1, roundUp));

    private static long Read(IDictionary<string, ResourceQuantity>? list, string name, int scale, bool roundUp)
    {
        if (list is null || !list.TryGetValue(name, out var quantity))
        {
            return 0;
        }

        var value = quantity.ToDecimal();
        if (value >= Ceiling / scale)
        {
            return Ceiling;
        }

        var scaled = Math.Max(0, value) * scale;
        return (long)(roundUp ? Math.Ceiling(scaled) : Math.Floor(scaled));
    }
}
