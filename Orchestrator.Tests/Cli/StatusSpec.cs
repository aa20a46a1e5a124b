using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Cli;

namespace Orchestrator.Tests.Cli;

/// <summary>What <c>orc status</c> says of a healthy cluster and of one that is not.</summary>
public class StatusSpec
{
    private const string Metrics = """
        # HELP orchestrator_journal_up Whether the journal could be read.
        # TYPE orchestrator_journal_up gauge
        orchestrator_journal_up 1
        orchestrator_journal_full 0
        orchestrator_journal_size_bytes 13107200
        orchestrator_journal_oldest_event_timestamp_seconds 1893196800
        orchestrator_cache_unreadable_objects 0
        orchestrator_certificate_ttl_seconds{certificate="ca"} 315000000.5
        orchestrator_certificate_ttl_seconds{certificate="apiserver"} 3.1E+07
        """;

    private const string Ready = """{"conditions":[{"type":"Ready","status":"True"}]}""";

    [Fact]
    public async Task A_healthy_cluster_is_nine_lines_and_code_0()
    {
        var cluster = Cluster(
            nodes: [Node("n1", Ready), Node("n2", Ready, """{"unschedulable":true}""")],
            pods: [Pod("web-1", Ready), Pod("job-1", """{"phase":"Succeeded"}"""), Pod("old", """{"phase":"Failed"}""")],
            deployments: ["""{"metadata":{"name":"web","namespace":"default","generation":2},"spec":{"replicas":1},"status":{"observedGeneration":2,"availableReplicas":1,"updatedReplicas":1}}"""]);
        Assert.Equal(ExitCodes.Ok, await cluster.OrcAsync("status"));
        Assert.Equal("""
            CHECK          STATUS   MESSAGE
            API server     ok       ready, version v1.34.0
            Journal        ok       writable, 12.5 MiB, oldest event 3d old
            Certificates   ok       apiserver ends first, in 358 days
            Nodes          ok       2 of 2 ready, 1 cordoned
            Scheduler      ok       no pods wait for a node
            Pods           ok       1 of 1 ready
            Workloads      ok       1 of 1 complete
            The cluster is healthy.

            """, cluster.Output);
    }

    [Fact]
    public async Task What_is_not_as_it_should_be_is_named_and_the_code_is_3()
    {
        var cluster = Cluster(
            nodes: [Node("n1", Ready), Node("n2", """{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown"}]}""")],
            pods:
            [
                Pod("web-1", """{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}"""),
                .. Enumerable.Range(1, 4).Select(i => $$$"""
                    {"metadata":{"name":"big-{{{i}}}","namespace":"shop"},"spec":{},"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/2 nodes are available"}]}}
                    """),
            ],
            deployments:
            [
                """{"metadata":{"name":"web","namespace":"default","generation":2},"spec":{"replicas":3},"status":{"observedGeneration":2,"availableReplicas":3,"updatedReplicas":1}}""",
                """{"metadata":{"name":"new","namespace":"default","generation":1},"spec":{"replicas":1},"status":{}}""",
            ]);
        cluster.On("GET /apis/apps/v1/replicasets?limit=500", """
            {"items":[{"metadata":{"name":"web-a","namespace":"default","ownerReferences":[{"controller":true}]},"spec":{"replicas":3}},
                      {"metadata":{"name":"alone","namespace":"default"},"spec":{"replicas":2},"status":{"availableReplicas":1}}]}
            """);
        cluster.On("GET /readyz?verbose", "[+]ping ok\n[+]started ok\n[-]journal failed: the disk of the journal is full; free space on it\nreadyz check failed\n", HttpStatusCode.ServiceUnavailable);
        cluster.On("GET /metrics", Metrics.Replace("journal_full 0", "journal_full 1", StringComparison.Ordinal).Replace("3.1E+07", "864001", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Unhealthy, await cluster.OrcAsync("status"));
        Assert.Equal("""
            CHECK          STATUS   MESSAGE
            API server     failed   not ready: journal: the disk of the journal is full; free space on it
            Journal        failed   its disk is full (12.5 MiB): free space on it
            Certificates   failed   1 ends soon: apiserver (10 days)
            Nodes          failed   1 of 2 ready: n2 (NodeStatusUnknown)
            Scheduler      failed   4 pods wait for a node: shop/big-1 (0/2 nodes are available), shop/big-2 (0/2 nodes are available), shop/big-3 (0/2 nodes are available) and 1 more
            Pods           failed   0 of 5 ready: default/web-1 (CrashLoopBackOff), shop/big-1 (Unschedulable), shop/big-2 (Unschedulable) and 2 more
            Workloads      failed   0 of 3 complete: deployment default/web (1/3), deployment default/new (0/1), replicaset default/alone (1/2)
            The cluster is not healthy: API server, Journal, Certificates, Nodes, Scheduler, Pods, Workloads.

            """, cluster.Output);
        Assert.Equal(ExitCodes.Unhealthy, await cluster.OrcAsync("status -o json"));
        var status = JsonNode.Parse(cluster.Output)!;
        Assert.False((bool)status["healthy"]!);
        var pods = status["checks"]!.AsArray().Single(c => (string?)c!["name"] == "Pods")!;
        Assert.Equal(("failed", "0 of 5 ready", 5), ((string?)pods["status"], (string?)pods["message"], pods["objects"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_server_that_is_not_ready_is_told_from_one_that_does_not_answer()
    {
        var cluster = Cluster([], [], []);
        cluster.On("GET /readyz?verbose", "[+]ping ok\n[-]started failed: the journal is being read\n", HttpStatusCode.ServiceUnavailable);
        cluster.Refuse("GET /api/v1/pods?limit=500", HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", "the server is not ready: the journal is being read");
        Assert.Equal(ExitCodes.Unhealthy, await cluster.OrcAsync("status -o yaml"));
        Assert.Contains("healthy: false", cluster.Output, StringComparison.Ordinal);
        Assert.Contains("status: unknown", cluster.Output, StringComparison.Ordinal);

        cluster.Refuse("GET /api/v1/pods?limit=500", HttpStatusCode.Unauthorized, "Unauthorized", "who are you");
        Assert.Equal(ExitCodes.Failed, await cluster.OrcAsync("status"));
    }

    [Fact]
    public async Task A_server_is_ready_only_if_it_answers_that_it_is()
    {
        var cluster = Cluster([Node("n1", Ready)], [], []);
        cluster.Refuse("GET /readyz?verbose", HttpStatusCode.InternalServerError, "InternalError", "it broke");
        Assert.Equal(ExitCodes.Unhealthy, await cluster.OrcAsync("status"));
        Assert.Contains("API server     failed   not ready: /readyz returned 500\n", cluster.Output, StringComparison.Ordinal);
        Assert.EndsWith("The cluster is not healthy: API server.\n", cluster.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_json_and_yaml_are_formats() => Assert.Equal(ExitCodes.Usage, await Cluster([], [], []).OrcAsync("status -o wide"));

    [Fact]
    public async Task A_long_list_is_read_to_its_end()
    {
        var cluster = Cluster([Node("n1", Ready)], [], []);
        cluster.On("GET /api/v1/pods?limit=500", $$"""{"metadata":{"continue":"more"},"items":[{{Pod("a", Ready)}}]}""");
        cluster.On("GET /api/v1/pods?limit=500&continue=more", $$"""{"metadata":{},"items":[{{Pod("b", Ready)}}]}""");
        Assert.Equal(ExitCodes.Ok, await cluster.OrcAsync("status"));
        Assert.Contains("2 of 2 ready", cluster.Output, StringComparison.Ordinal);
    }

    private static FakeCluster Cluster(string[] nodes, string[] pods, string[] deployments)
    {
        var cluster = new FakeCluster();
        cluster.On("GET /version", """{"gitVersion":"v1.34.0"}""");
        cluster.On("GET /readyz?verbose", "[+]ping ok\n[+]started ok\n[+]journal ok\nreadyz check passed\n");
        cluster.On("GET /metrics", Metrics);
        cluster.On("GET /api/v1/nodes?limit=500", List(nodes));
        cluster.On("GET /api/v1/pods?limit=500", List(pods));
        cluster.On("GET /apis/apps/v1/deployments?limit=500", List(deployments));
        return cluster;
    }

    private static string List(string[] items) => $$"""{"metadata":{},"items":[{{string.Join(',', items)}}]}""";

    private static string Node(string name, string status, string spec = "{}") => $$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}},"status":{{status}}}""";

    private static string Pod(string name, string status) => $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default"},"spec":{"nodeName":"n1"},"status":{{{status}}}}""";
}
