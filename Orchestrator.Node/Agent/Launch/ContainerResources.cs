using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>What a container is promised and may use, as the kernel holds it. Amounts that a spec asks for are brought into this form, so that they can be compared with those of a container
/// that runs.</summary>
/// <param name="MilliCpuRequest">Share of CPU in thousandths; 2 is the least.</param>
/// <param name="MilliCpuLimit">Most CPU in thousandths, at least 10; 0 for no limit.</param>
/// <param name="MemoryRequest">Memory in bytes that is taken from it last, at least 6 MiB, also if 0 is asked for: engines take 0 for no change; 0 for none.</param>
/// <param name="MemoryLimit">Most memory in bytes; 0 for no limit.</param>
internal sealed record ContainerResources(long MilliCpuRequest, long MilliCpuLimit, long MemoryRequest, long MemoryLimit)
{
    /// <summary>The least share of CPU.</summary>
    public const long LeastRequest = 2;

    /// <summary>The least limit of CPU.</summary>
    public const long LeastLimit = 10;

    /// <summary>The least amount of memory that an engine takes.</summary>
    public const long LeastMemory = 6 << 20;

    private static readonly ContainerResources None = new(LeastRequest, 0, 0, 0);

    // Pods with an equal spec share it.
    private static readonly ConditionalWeakTable<V1ResourceRequirements, ContainerResources> Known = new();

    /// <summary>What a spec asks for. A request that is not given is the limit.</summary>
    public static ContainerResources Of(V1ResourceRequirements? asked) => asked is null ? None : Known.GetValue(asked, Read);

    /// <summary>It as a spec would say it.</summary>
    public JsonObject ToSpec()
    {
        var (requests, limits) = (new JsonObject { ["cpu"] = $"{MilliCpuRequest}m" }, new JsonObject());
        Add(requests, "memory", MemoryRequest, "");
        Add(limits, "cpu", MilliCpuLimit, "m");
        Add(limits, "memory", MemoryLimit, "");
        var both = new JsonObject { ["requests"] = requests };
        if (limits.Count > 0)
        {
            both["limits"] = limits;
        }

        return both;
    }

    private static void Add(JsonObject list, string name, long amount, string unit)
    {
        if (amount > 0)
        {
            list[name] = $"{amount}{unit}";
        }
    }

    private static ContainerResources Read(V1ResourceRequirements asked)
    {
        var (cpuLimit, memoryLimit) = (Milli(asked.Limits), Bytes(asked.Limits));
        var memory = Bytes(asked.Requests) ?? memoryLimit;
        return new ContainerResources(
            Math.Max(LeastRequest, Milli(asked.Requests) ?? cpuLimit ?? 0),
            cpuLimit is > 0 and var limit ? Math.Max(LeastLimit, limit) : 0,
            memory is { } request ? Math.Max(LeastMemory, request) : 0,
            memoryLimit ?? 0);
    }

    private static long? Milli(IDictionary<string, ResourceQuantity>? list) =>
        list is not null && list.TryGetValue("cpu", out var cpu) ? (long)Math.Ceiling(cpu.ToDecimal() * 1000) : null;

    private static long? Bytes(IDictionary<string, ResourceQuantity>? list) =>
        list is not null && list.TryGetValue("memory", out var memory) ? (long)Math.Ceiling(memory.ToDecimal()) : null;
}
