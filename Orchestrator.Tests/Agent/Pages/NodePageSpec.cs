using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Pages;

namespace Orchestrator.Tests.Agent.Pages;

/// <summary>What the pages of a node say of its counters.</summary>
public sealed class NodePageSpec
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly KubeObject Web = Pod("web", """{"startTime":"2026-01-02T03:04:00Z"}""");

    [Fact]
    public void The_summary_has_rates_of_two_samples_and_the_room_there_is()
    {
        var free = new NodeSample(Start.AddSeconds(16), ImmutableDictionary<EvictionSignal, SignalReading>.Empty.Add(EvictionSignal.MemoryAvailable, new(600, 1000))
            .Add(EvictionSignal.NodefsAvailable, new(70, 100)).Add(EvictionSignal.NodefsInodesFree, new(8, 10)).Add(EvictionSignal.PidAvailable, new(90, 100)));
        var disks = new Dictionary<string, PodUse> { ["web"] = new([new ContainerUse("main", Layer: new(5, 2), Logs: new(3, 1))], ImmutableDictionary<string, DiskUse>.Empty.Add("v", new(7, 4))) };
        var page = SummaryPage.Of(new SummaryFacts("n1", [Web, Pod("waiting", "{}")], Stats(0, 0), Stats(15, 3_000_000_000), TimeSpan.FromSeconds(15), free, disks));
        Assert.Equal(("n1", 400_000_000, 600), ((string)page["node"]!["nodeName"]!, (long)page["node"]!["cpu"]!["usageNanoCores"]!, (long)page["node"]!["memory"]!["availableBytes"]!));
        Assert.Equal("""{"time":"2026-01-02T03:04:21Z","availableBytes":70,"capacityBytes":100,"usedBytes":30,"inodes":10,"inodesFree":8,"inodesUsed":2}""", page["node"]!["fs"]!.ToJsonString());
        Assert.Equal((100, 10), ((long)page["node"]!["rlimit"]!["maxpid"]!, (long)page["node"]!["rlimit"]!["curproc"]!));
        var pod = page["pods"]!.AsArray().Single()!;
        Assert.Equal("""{"name":"web","namespace":"default","uid":"web"}""", pod["podRef"]!.ToJsonString());
        Assert.Equal((200_000_000, 3_000_000_000, 64, 15), ((long)pod["cpu"]!["usageNanoCores"]!, (long)pod["cpu"]!["usageCoreNanoSeconds"]!, (long)pod["memory"]!["workingSetBytes"]!, (long)pod["ephemeral-storage"]!["usedBytes"]!));
        var container = pod["containers"]!.AsArray().Single()!;
        Assert.Equal(("main", 5, 3, 100, 40), ((string)container["name"]!, (long)container["rootfs"]!["usedBytes"]!, (long)container["logs"]!["usedBytes"]!, (long)container["memory"]!["usageBytes"]!,
            (long)container["memory"]!["rssBytes"]!));
        Assert.Equal(("v", 7, 4), ((string)pod["volume"]![0]!["name"]!, (long)pod["volume"]![0]!["usedBytes"]!, (long)pod["volume"]![0]!["inodesUsed"]!));
    }

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        var page = SummaryPage.Of(new SummaryFacts("n1", [Web], null, Stats(15, 3_000_000_000), TimeSpan.FromSeconds(15), null, null));
        Assert.Null(page["node"]!["fs"]);
        Assert.Null(page["node"]!["cpu"]!["usageNanoCores"]);
        Assert.Null(page["pods"]![0]!["cpu"]!["usageNanoCores"]);
        Assert.Null(page["pods"]![0]!["ephemeral-storage"]);
    }

    [Fact]
    public void The_metrics_of_resources_are_those_that_a_metrics_server_reads() => Assert.Equal("""
        # HELP container_cpu_usage_seconds_total Cumulative cpu time consumed by the container in core-seconds
        # TYPE container_cpu_usage_seconds_total counter
        container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 3 1767323060000
        # HELP container_memory_working_set_bytes Current working set of the container in bytes
        # TYPE container_memory_working_set_bytes gauge
        container_memory_working_set_bytes{container="main",namespace="default",pod="web"} 64 1767323060000
        # HELP container_start_time_seconds Start time of the container since unix epoch in seconds
        # TYPE container_start_time_seconds gauge
        container_start_time_seconds{container="main",namespace="default",pod="web"} 1767323045 1767323060000
        # HELP node_cpu_usage_seconds_total Cumulative cpu time consumed by the node in core-seconds
        # TYPE node_cpu_usage_seconds_total counter
        node_cpu_usage_seconds_total 6 1767323060000
        # HELP node_memory_working_set_bytes Current working set of the node in bytes
        # TYPE node_memory_working_set_bytes gauge
        node_memory_working_set_bytes 400 1767323060000
        # HELP pod_cpu_usage_seconds_total Cumulative cpu time consumed by the pod in core-seconds
        # TYPE pod_cpu_usage_seconds_total counter
        pod_cpu_usage_seconds_total{namespace="default",pod="web"} 3 1767323060000
        # HELP pod_memory_working_set_bytes Current working set of the pod in bytes
        # TYPE pod_memory_working_set_bytes gauge
        pod_memory_working_set_bytes{namespace="default",pod="web"} 64 1767323060000
        # HELP resource_scrape_error 1 if there was an error while getting container metrics, 0 otherwise
        # TYPE resource_scrape_error gauge
        resource_scrape_error 0

        """, NodeMetricPages.Resource(Stats(15, 3_000_000_000), [Web]));

    [Fact]
    public void The_metrics_of_containers_have_more_of_memory_and_the_machine()
    {
        var text = NodeMetricPages.Containers(Stats(15, 3_000_000_000), [Web], new RuntimeInfo("docker", "1", "1", "os", 2, 1 << 20, 0));
        Assert.Contains("container_memory_rss{container=\"main\",namespace=\"default\",pod=\"web\",id=\"c1\"} 40 1767323060000\n", text, StringComparison.Ordinal);
        Assert.Contains("container_threads{container=\"main\",namespace=\"default\",pod=\"web\",id=\"c1\"} 7 ", text, StringComparison.Ordinal);
        Assert.Contains("machine_memory_bytes 1048576\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Probes_are_counted_for_pods_that_are_there()
    {
        var totals = new ProbeTotals();
        totals.Count("web", "main", "Readiness", true);
        totals.Count("web", "main", "Readiness", true);
        totals.Count("web", "main", "Liveness", false);
        totals.Count("gone", "main", "Liveness", false);
        var text = NodeMetricPages.Probes(totals.Of(new HashSet<string> { "web" }), [Web]);
        Assert.EndsWith("""
            prober_probe_total{container="main",namespace="default",pod="web",pod_uid="web",probe_type="Liveness",result="failed"} 1
            prober_probe_total{container="main",namespace="default",pod="web",pod_uid="web",probe_type="Readiness",result="successful"} 2

            """, text, StringComparison.Ordinal);
        Assert.Equal(2, totals.Of(new HashSet<string> { "web", "gone" }).Count);
    }

    [Fact]
    public void A_label_is_escaped() => Assert.Equal("m{l=\"a\\\"b\\\\c\\nd\"} 1.5\n", new MetricText().Sample("m", 1.5, null, ("l", "a\"b\\c\nd")).ToString());

    private static RuntimeStats Stats(int seconds, long cpu)
    {
        var at = Start.AddSeconds(seconds);
        return new RuntimeStats(new ResourceCounters(at, DateTimeOffset.UnixEpoch, cpu * 2, 400),
            [new ContainerStats("web", "main", "c1", new ResourceCounters(at, Start, cpu, 64)) { Processes = 7, Memory = new MemoryDetail(100, 40, 3, 1) }]);
    }

    private static KubeObject Pod(string name, string status) => KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},"spec":{"containers":[{"name":"main","image":"i"}]},"status":{{status}} }
        """)!);
}
