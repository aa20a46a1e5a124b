using k8s.Models;

namespace Orchestrator.Actors.Scheduling;

/// <summary>Amounts of what a node offers: millicores, bytes, pods and bytes of ephemeral storage.</summary>
internal readonly record struct Amounts(long Cpu, long Memory, long Pods, long Storage)
{
    // A single request is cut off here, so that sums of many do not overflow.
    private const long Ceiling = 1L << 54;

    public static Amounts operator +(Amounts a, Amounts b) =>
        new(a.Cpu + b.Cpu, a.Memory + b.Memory, a.Pods + b.Pods, a.Storage + b.Storage);

    public static Amounts operator -(Amounts a, Amounts b) =>
        new(a.Cpu - b.Cpu, a.Memory - b.Memory, a.Pods - b.Pods, a.Storage - b.Storage);

    public static Amounts Max(Amounts a, Amounts b) => new(
        Math.Max(a.Cpu, b.Cpu), Math.Max(a.Memory, b.Memory), Math.Max(a.Pods, b.Pods), Math.Max(a.Storage, b.Storage));

    /// <summary>Requests are rounded up, what is offered is rounded down.</summary>
    public static Amounts From(IDictionary<string, ResourceQuantity>? list, bool roundUp) => new(
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
