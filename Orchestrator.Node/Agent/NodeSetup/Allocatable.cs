using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent.NodeSetup;

/// <summary>What of a node is kept from pods: for the agent and its engine, and for everything else of the machine (the kubelet's kubeReserved and systemReserved).</summary>
internal sealed record NodeReservations(ResourceAmounts Kube, ResourceAmounts System)
{
    /// <summary>Nothing.</summary>
    public static readonly NodeReservations None = new([], []);
}

/// <summary>Capacity of a node, and what pods may get of it. Pure.</summary>
/// <remarks>Rule: Kubernetes, "Reserve Compute Resources for System Daemons": capacity less what is reserved less what hard eviction thresholds keep free.</remarks>
internal static class Allocatable
{
    private const string Cpu = "cpu";
    private const string Memory = "memory";
    private const string Disk = "ephemeral-storage";
    private const string MaxPods = "110";
    private const long Kibibyte = 1024;

    /// <summary>The capacity.</summary>
    /// <param name="facts">What the runtime says of the host; null if it has not answered.</param>
    public static JsonObject Capacity(RuntimeInfo? facts) => Amounts((facts?.Cpus ?? 0) * 1000L, facts?.MemoryBytes ?? 0, facts?.DiskBytes ?? 0);

    /// <summary>What pods may get.</summary>
    /// <param name="facts">See <see cref="Capacity"/>.</param>
    /// <param name="reserved">What is reserved.</param>
    /// <param name="eviction">The thresholds; null if pods are not evicted.</param>
    public static JsonObject Of(RuntimeInfo? facts, NodeReservations reserved, EvictionSettings? eviction)
    {
        var room = Room(facts, reserved, eviction);
        return Amounts(room.MilliCpu, room.Memory, Left(facts?.DiskBytes ?? 0, Disk, 1_000_000_000, EvictionSignal.NodefsAvailable, reserved, eviction));
    }

    /// <summary>CPU and memory of it, in whole kibibytes as the status of the node shows it.</summary>
    public static NodeRoom Room(RuntimeInfo? facts, NodeReservations reserved, EvictionSettings? eviction) => new(
        Left((facts?.Cpus ?? 0) * 1000L, Cpu, 1_000_000, null, reserved, eviction),
        Left(facts?.MemoryBytes ?? 0, Memory, 1_000_000_000, EvictionSignal.MemoryAvailable, reserved, eviction) / Kibibyte * Kibibyte);

    private static long Left(long capacity, string name, long unit, EvictionSignal? signal, NodeReservations reserved, EvictionSettings? eviction) =>
        Math.Max(0, capacity - Reserved(reserved, name, unit) - (eviction?.Thresholds.Where(t => t.IsHard && t.Signal == signal).Select(t => t.Value.Of(capacity)).FirstOrDefault() ?? 0));

    // In the unit, rounded up: a part of it is reserved too.
    private static long Reserved(NodeReservations reserved, string name, long unit) =>
        (long)(((reserved.Kube.GetValueOrDefault(name) + reserved.System.GetValueOrDefault(name)).Nanos + unit - 1) / unit);

    private static JsonObject Amounts(long milliCpu, long memory, long disk) => new()
    {
        [Cpu] = milliCpu % 1000 == 0 ? (milliCpu / 1000).ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{milliCpu}m"),
        [Memory] = string.Create(CultureInfo.InvariantCulture, $"{memory / Kibibyte}Ki"),
        [Disk] = string.Create(CultureInfo.InvariantCulture, $"{disk / Kibibyte}Ki"),
        ["pods"] = MaxPods,
    };
}
