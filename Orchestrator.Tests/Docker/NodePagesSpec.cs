using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>The pages of a real node, as kubectl and whoever scrapes nodes reads them.</summary>
[Collection(DockerHost.Name)]
public sealed class NodePagesSpec(DockerHost host)
{
    [Fact]
    public async Task The_pages_of_a_node_show_what_its_containers_use()
    {
        var kubectl = host.Node.Kubectl(Kubectl.Newest, "default");
        await CreateAsync(host.Node, "paged", "Always", $$"""
            "volumes": [ { "name": "v", "emptyDir": {} } ],
            "containers": [ {{Runs("head -c 300000 /dev/zero > /v/f; head -c 200000 /dev/zero > /f; echo said; touch /done; sleep 3600", "main")}},
              "readinessProbe": { "exec": { "command": [ "cat", "/done" ] }, "periodSeconds": 1 }, "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ]
            """);
        await kubectl.SucceedAsync("wait pod/paged --for=condition=Ready --timeout=60s");
        var root = $"get --raw /api/v1/nodes/{host.Node.Name}/proxy";
        Assert.Equal("ok", await kubectl.SucceedAsync($"{root}/healthz"));
        Assert.Contains("NotFound", await kubectl.FailAsync($"{root}/exec"), StringComparison.Ordinal);

        // A sample is taken every fifteen seconds.
        var uid = await kubectl.SucceedAsync("get pod paged -o jsonpath={.metadata.uid}");
        var summary = JsonNode.Parse(await kubectl.WaitForAsync($"{root}/stats/summary", t => Pod(JsonNode.Parse(t)!) is { } p && p["volume"] is not null, TimeSpan.FromMinutes(2)))!;
        var pod = Pod(summary)!;
        Assert.Equal((uid, "default"), ((string?)pod["podRef"]!["uid"], (string?)pod["podRef"]!["namespace"]));
        Assert.InRange((long)pod["memory"]!["workingSetBytes"]!, 1, 64 << 20);
        Assert.InRange((long)pod["volume"]![0]!["usedBytes"]!, 300_000, 400_000);
        var container = pod["containers"]!.AsArray().Single()!;
        Assert.InRange((long)container["rootfs"]!["usedBytes"]!, 200_000, 400_000);
        Assert.InRange((long)container["logs"]!["usedBytes"]!, 10, 100_000);
        var node = summary["node"]!;
        Assert.Equal(host.Node.Name, (string?)node["nodeName"]);
        Assert.InRange((long)node["fs"]!["availableBytes"]!, 1, (long)node["fs"]!["capacityBytes"]!);
        Assert.InRange((long)node["runtime"]!["imageFs"]!["inodesFree"]!, 1, (long)node["runtime"]!["imageFs"]!["inodes"]!);
        Assert.InRange((long)node["memory"]!["availableBytes"]!, 1, long.MaxValue);

        Assert.Contains("container_memory_working_set_bytes{container=\"main\",namespace=\"default\",pod=\"paged\"} ", await kubectl.SucceedAsync($"{root}/metrics/resource"), StringComparison.Ordinal);
        Assert.Contains("container_memory_rss{container=\"main\",namespace=\"default\",pod=\"paged\",", await kubectl.SucceedAsync($"{root}/metrics/cadvisor"), StringComparison.Ordinal);
        Assert.Contains($"pod=\"paged\",pod_uid=\"{uid}\",probe_type=\"Readiness\",result=\"successful\"}}", await kubectl.SucceedAsync($"{root}/metrics/probes"), StringComparison.Ordinal);
        Assert.Contains("\nkubelet_runtime_operations_total{operation_type=\"start_container\"} ", await kubectl.SucceedAsync($"{root}/metrics"), StringComparison.Ordinal);
        Assert.Contains("\"evictionHard\":{\"memory.available\":\"100Mi\"", await kubectl.SucceedAsync($"{root}/configz"), StringComparison.Ordinal);
        var pods = JsonNode.Parse(await kubectl.SucceedAsync($"{root}/pods"))!;
        Assert.Equal("PodList", (string?)pods["kind"]);
        Assert.Contains(pods["items"]!.AsArray(), p => (string?)p!["metadata"]!["name"] == "paged" && (string?)p["status"]!["phase"] == "Running");
        await kubectl.SucceedAsync("delete pod paged --now");

        static JsonNode? Pod(JsonNode summary) => summary["pods"]!.AsArray().FirstOrDefault(p => (string?)p!["podRef"]!["name"] == "paged");
    }
}
