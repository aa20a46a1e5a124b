using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>What <c>/stats/summary</c> is made of.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Pods">Its pods.</param>
/// <param name="Before">The sample before; null if there is none.</param>
/// <param name="Now">The last sample.</param>
/// <param name="Resolution">Time between two samples.</param>
/// <param name="Free">What of the host is free; null if it is not known.</param>
/// <param name="Disks">What pods take of the disk, by uid; null if it is not asked for or not counted yet.</param>
internal sealed record SummaryFacts(string Node, IReadOnlyCollection<KubeObject> Pods, RuntimeStats? Before, RuntimeStats Now, TimeSpan Resolution, NodeSample? Free, IReadOnlyDictionary<string, PodUse>? Disks);

/// <summary>The page <c>/stats/summary</c> of a node: Kubernetes' Summary API (<c>k8s.io/kubelet/pkg/apis/stats/v1alpha1</c>), of which it has what the agent measures. Pure.</summary>
internal static class SummaryPage
{
    /// <summary>Returns the document.</summary>
    public static JsonObject Of(SummaryFacts facts)
    {
        var usage = UsageRates.Report(facts.Node, facts.Before, facts.Now, facts.Resolution);
        var rates = usage.Pods.SelectMany(p => p.Containers.Select(c => (Key: (p.Uid, c.Name), c.Usage))).ToDictionary(c => c.Key, c => c.Usage);
        var stats = facts.Now.Containers.ToLookup(c => c.PodUid);
        return new JsonObject
        {
            ["node"] = Node(facts, usage.Host),
            ["pods"] = new JsonArray([.. facts.Pods.Where(p => stats[p.Uid].Any()).OrderBy(p => (p.Namespace, p.Name)).Select(p => Pod(facts, p, [.. stats[p.Uid].OrderBy(c => c.Name, StringComparer.Ordinal)], rates))]),
        };
    }

    private static JsonObject Node(SummaryFacts facts, ResourceUsage? rate)
    {
        var node = new JsonObject
        {
            ["nodeName"] = facts.Node,
            ["cpu"] = Cpu(facts.Now.Host, rate),
            ["memory"] = Memory(facts.Now.Host.At, facts.Now.Host.WorkingSetBytes, null),
        };
        if (facts.Free is not { } free)
        {
            return node;
        }

        var at = KubeTime.Text(free.At);
        if (free.Readings.TryGetValue(EvictionSignal.MemoryAvailable, out var memory))
        {
            node["memory"]!["availableBytes"] = memory.Available;
        }

        if (FileSystem(free, EvictionSignal.NodefsAvailable, EvictionSignal.NodefsInodesFree) is { } nodefs)
        {
            node["fs"] = nodefs;
        }

        if (FileSystem(free, EvictionSignal.ImagefsAvailable, EvictionSignal.ImagefsInodesFree) is { } imagefs)
        {
            node["runtime"] = new JsonObject { ["imageFs"] = imagefs, ["containerFs"] = imagefs.DeepClone() };
        }

        if (free.Readings.TryGetValue(EvictionSignal.PidAvailable, out var pids))
        {
            node["rlimit"] = new JsonObject { ["time"] = at, ["maxpid"] = pids.Capacity, ["curproc"] = pids.Capacity - pids.Available };
        }

        return node;
    }

    private static JsonObject Pod(SummaryFacts facts, KubeObject pod, IReadOnlyList<ContainerStats> containers, Dictionary<(string, string), ResourceUsage> rates)
    {
        var disk = facts.Disks?.GetValueOrDefault(pod.Uid);
        var latest = containers.Max(c => c.Counters.At);
        var known = containers.Where(c => rates.ContainsKey((pod.Uid, c.Name))).ToList();
        var cpu = new JsonObject { ["time"] = KubeTime.Text(latest), ["usageCoreNanoSeconds"] = containers.Sum(c => c.Counters.CpuNanoseconds) };
        if (known.Count == containers.Count)
        {
            cpu["usageNanoCores"] = known.Sum(c => rates[(pod.Uid, c.Name)].CpuNanocores);
        }

        var shown = new JsonObject
        {
            ["podRef"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = pod.Namespace, ["uid"] = pod.Uid },
            ["startTime"] = (string?)pod.ToNode()["status"]?["startTime"] ?? KubeTime.Text(containers.Min(c => c.Counters.StartedAt)),
            ["containers"] = new JsonArray([.. containers.Select(c => Container(facts, c, rates.GetValueOrDefault((pod.Uid, c.Name)), disk?.Containers.Where(d => d.Name == c.Name).ToList() ?? []))]),
            ["cpu"] = cpu,
            ["memory"] = Memory(latest, containers.Sum(c => c.Counters.WorkingSetBytes), containers.Aggregate(default(MemoryDetail), (sum, c) => sum + c.Memory)),
            ["process_stats"] = new JsonObject { ["process_count"] = containers.Sum(c => c.Processes) },
        };
        if (disk is not null)
        {
            shown["volume"] = new JsonArray([.. disk.Volumes.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v =>
            {
                var use = Used(facts, v.Value, EvictionSignal.NodefsAvailable);
                use["name"] = v.Key;
                return use;
            })]);
            shown["ephemeral-storage"] = Used(facts, disk.Written + disk.InVolumes, EvictionSignal.NodefsAvailable);
        }

        return shown;
    }

    private static JsonObject Container(SummaryFacts facts, ContainerStats stats, ResourceUsage? rate, IReadOnlyList<ContainerUse> disk)
    {
        var shown = new JsonObject
        {
            ["name"] = stats.Name,
            ["startTime"] = KubeTime.Text(stats.Counters.StartedAt),
            ["cpu"] = Cpu(stats.Counters, rate),
            ["memory"] = Memory(stats.Counters.At, stats.Counters.WorkingSetBytes, stats.Memory),
        };
        if (disk.Count > 0)
        {
            shown["rootfs"] = Used(facts, disk.Aggregate(DiskUse.None, (sum, d) => sum + d.Layer), EvictionSignal.ImagefsAvailable);
            shown["logs"] = Used(facts, disk.Aggregate(DiskUse.None, (sum, d) => sum + d.Logs), EvictionSignal.ImagefsAvailable);
        }

        return shown;
    }

    private static JsonObject Cpu(ResourceCounters counters, ResourceUsage? rate)
    {
        var cpu = new JsonObject { ["time"] = KubeTime.Text(counters.At), ["usageCoreNanoSeconds"] = counters.CpuNanoseconds };
        if (rate is not null)
        {
            cpu["usageNanoCores"] = rate.CpuNanocores;
        }

        return cpu;
    }

    private static JsonObject Memory(DateTimeOffset at, long workingSet, MemoryDetail? detail)
    {
        var memory = new JsonObject { ["time"] = KubeTime.Text(at), ["workingSetBytes"] = workingSet };
        if (detail is { UsageBytes: > 0 } known)
        {
            (memory["usageBytes"], memory["rssBytes"], memory["pageFaults"], memory["majorPageFaults"]) = (known.UsageBytes, known.RssBytes, known.PageFaults, known.MajorPageFaults);
        }

        return memory;
    }

    private static JsonObject? FileSystem(NodeSample free, EvictionSignal room, EvictionSignal inodes)
    {
        if (!free.Readings.TryGetValue(room, out var bytes))
        {
            return null;
        }

        var fs = new JsonObject { ["time"] = KubeTime.Text(free.At), ["availableBytes"] = bytes.Available, ["capacityBytes"] = bytes.Capacity, ["usedBytes"] = bytes.Capacity - bytes.Available };
        if (free.Readings.TryGetValue(inodes, out var numbers))
        {
            (fs["inodes"], fs["inodesFree"], fs["inodesUsed"]) = (numbers.Capacity, numbers.Available, numbers.Capacity - numbers.Available);
        }

        return fs;
    }

    // What one takes of a file system, and how much of that there is.
    private static JsonObject Used(SummaryFacts facts, DiskUse use, EvictionSignal room)
    {
        var shown = new JsonObject { ["time"] = KubeTime.Text(facts.Now.Host.At), ["usedBytes"] = use.Bytes, ["inodesUsed"] = use.Inodes };
        if (facts.Free?.Readings.TryGetValue(room, out var bytes) == true)
        {
            (shown["availableBytes"], shown["capacityBytes"]) = (bytes.Available, bytes.Capacity);
        }

        return shown;
    }
}
