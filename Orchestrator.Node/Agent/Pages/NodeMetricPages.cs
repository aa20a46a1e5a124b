using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>The pages of a node with metrics of what its pods use, and of their probes. Pure.</summary>
/// <remarks>Names and labels are those of the kubelet's <c>/metrics/resource</c>, <c>/metrics/cadvisor</c> and <c>/metrics/probes</c>; of the second those that the agent measures.</remarks>
internal static class NodeMetricPages
{
    private const string Gauge = "gauge";
    private const string Counter = "counter";

    // Only what the page needs of a pod's container.
    private sealed record Line(KubeObject Pod, ContainerStats Stats)
    {
        public (string Name, string Value)[] Labels => [("container", Stats.Name), ("namespace", Pod.Namespace), ("pod", Pod.Name)];
    }

    /// <summary>CPU and memory of the node, its pods and their containers.</summary>
    public static string Resource(RuntimeStats stats, IEnumerable<KubeObject> pods)
    {
        var lines = Lines(stats, pods);
        var perPod = lines.GroupBy(l => l.Pod.Uid).Select(g => (Labels: (IEnumerable<(string, string)>)[("namespace", g.First().Pod.Namespace), ("pod", g.First().Pod.Name)], Cpu: g.Sum(l => l.Stats.Counters.CpuNanoseconds),
            Memory: g.Sum(l => l.Stats.Counters.WorkingSetBytes), At: g.Max(l => l.Stats.Counters.At))).ToList();
        var text = new MetricText();
        Each("container_cpu_usage_seconds_total", Counter, "Cumulative cpu time consumed by the container in core-seconds", lines, l => Seconds(l.Stats.Counters.CpuNanoseconds));
        Each("container_memory_working_set_bytes", Gauge, "Current working set of the container in bytes", lines, l => l.Stats.Counters.WorkingSetBytes);
        Each("container_start_time_seconds", Gauge, "Start time of the container since unix epoch in seconds", lines, l => l.Stats.Counters.StartedAt.ToUnixTimeMilliseconds() / 1000.0);
        text.Metric("node_cpu_usage_seconds_total", Counter, "Cumulative cpu time consumed by the node in core-seconds").Sample("node_cpu_usage_seconds_total", Seconds(stats.Host.CpuNanoseconds), stats.Host.At);
        text.Metric("node_memory_working_set_bytes", Gauge, "Current working set of the node in bytes").Sample("node_memory_working_set_bytes", stats.Host.WorkingSetBytes, stats.Host.At);
        text.Metric("pod_cpu_usage_seconds_total", Counter, "Cumulative cpu time consumed by the pod in core-seconds");
        perPod.ForEach(p => text.Sample("pod_cpu_usage_seconds_total", Seconds(p.Cpu), p.At, p.Labels));
        text.Metric("pod_memory_working_set_bytes", Gauge, "Current working set of the pod in bytes");
        perPod.ForEach(p => text.Sample("pod_memory_working_set_bytes", p.Memory, p.At, p.Labels));
        text.Metric("resource_scrape_error", Gauge, "1 if there was an error while getting container metrics, 0 otherwise").Sample("resource_scrape_error", 0, null);
        return text.ToString();

        void Each(string name, string type, string help, IEnumerable<Line> of, Func<Line, double> value)
        {
            text.Metric(name, type, help);
            foreach (var line in of)
            {
                text.Sample(name, value(line), line.Stats.Counters.At, line.Labels);
            }
        }
    }

    /// <summary>The same of containers in the words of cAdvisor, with what the machine has.</summary>
    public static string Containers(RuntimeStats stats, IEnumerable<KubeObject> pods, RuntimeInfo? machine)
    {
        var lines = Lines(stats, pods);
        var text = new MetricText();
        Each("container_cpu_usage_seconds_total", Counter, "Cumulative cpu time consumed in seconds.", l => Seconds(l.Stats.Counters.CpuNanoseconds), ("cpu", "total"));
        Each("container_last_seen", Gauge, "Last time a container was seen by the exporter", l => l.Stats.Counters.At.ToUnixTimeSeconds());
        Each("container_memory_rss", Gauge, "Size of RSS in bytes.", l => l.Stats.Memory.RssBytes);
        Each("container_memory_usage_bytes", Gauge, "Current memory usage in bytes, including all memory regardless of when it was accessed", l => l.Stats.Memory.UsageBytes);
        Each("container_memory_working_set_bytes", Gauge, "Current working set in bytes.", l => l.Stats.Counters.WorkingSetBytes);
        Each("container_start_time_seconds", Gauge, "Start time of the container since unix epoch in seconds.", l => l.Stats.Counters.StartedAt.ToUnixTimeSeconds());
        Each("container_threads", Gauge, "Number of threads running inside the container", l => l.Stats.Processes);
        text.Metric("machine_cpu_cores", Gauge, "Number of logical CPU cores.").Sample("machine_cpu_cores", machine?.Cpus ?? 0, null);
        text.Metric("machine_memory_bytes", Gauge, "Amount of memory installed on the machine.").Sample("machine_memory_bytes", machine?.MemoryBytes ?? 0, null);
        return text.ToString();

        void Each(string name, string type, string help, Func<Line, double> value, params (string, string)[] more)
        {
            text.Metric(name, type, help);
            foreach (var line in lines)
            {
                text.Sample(name, value(line), line.Stats.Counters.At, [.. line.Labels, ("id", line.Stats.Id), .. more]);
            }
        }
    }

    /// <summary>Results of probes.</summary>
    public static string Probes(IEnumerable<(string PodUid, string Container, string Kind, bool IsSuccess, long Total)> totals, IEnumerable<KubeObject> pods)
    {
        var byUid = pods.ToDictionary(p => p.Uid);
        var text = new MetricText().Metric("prober_probe_total", Counter, "Cumulative number of a liveness, readiness or startup probe for a container by result.");
        foreach (var (uid, container, kind, isSuccess, total) in totals.OrderBy(t => (t.PodUid, t.Container, t.Kind, t.IsSuccess)))
        {
            if (byUid.TryGetValue(uid, out var pod))
            {
                text.Sample("prober_probe_total", total, null,
                    [("container", container), ("namespace", pod.Namespace), ("pod", pod.Name), ("pod_uid", uid), ("probe_type", kind), ("result", isSuccess ? "successful" : "failed")]);
            }
        }

        return text.ToString();
    }

    private static List<Line> Lines(RuntimeStats stats, IEnumerable<KubeObject> pods)
    {
        var byUid = pods.ToDictionary(p => p.Uid);
        return [.. stats.Containers.Where(c => byUid.ContainsKey(c.PodUid)).Select(c => new Line(byUid[c.PodUid], c))
            .OrderBy(l => l.Pod.Namespace, StringComparer.Ordinal).ThenBy(l => l.Pod.Name, StringComparer.Ordinal).ThenBy(l => l.Stats.Name, StringComparer.Ordinal)];
    }

    private static double Seconds(long nanoseconds) => nanoseconds / 1e9;
}
