using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>CPU and memory of pods that run change, on the engine (Kubernetes, "Resize CPU and Memory Resources assigned to Containers").</summary>
[Collection(DockerHost.Name)]
public sealed class ResizeSpec(DockerHost host)
{
    private const string Patch = "application/strategic-merge-patch+json";

    [Fact]
    public async Task A_container_has_other_resources_without_a_restart_also_after_the_agent_was_away()
    {
        await CreateAsync(host.Node, "resized", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "resources": { "requests": { "cpu": "100m", "memory": "32Mi" }, "limits": { "cpu": "200m", "memory": "64Mi" } } } ]
            """);
        var before = await PodIsAsync(host.Node, "resized", IsReady);
        Assert.Equal("100m", (string?)before["status"]!["containerStatuses"]![0]!["resources"]!["requests"]!["cpu"]);
        await ResizeAsync("resized", """{ "requests": { "cpu": "150m", "memory": "48Mi" }, "limits": { "cpu": "300m", "memory": "96Mi" } }""");
        await PodIsAsync(host.Node, "resized", p => Shown(p, "limits", "memory") == "96Mi");
        Assert.Equal("153 30000 100663296 50331648", await HeldAsync("resized"));

        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await ResizeAsync("resized", """{ "requests": { "cpu": "100m", "memory": "48Mi" }, "limits": { "cpu": "200m", "memory": "96Mi" } }""");
        var after = await PodIsAsync(host.Node, "resized", p => Shown(p, "requests", "cpu") == "100m");
        Assert.Equal("102 20000 100663296 50331648", await HeldAsync("resized"));
        Assert.Equal(0, Restarts(after));
        Assert.Equal((string?)before["status"]!["containerStatuses"]![0]!["containerID"], (string?)after["status"]!["containerStatuses"]![0]!["containerID"]);
    }

    [Fact]
    public async Task A_container_whose_policy_says_so_starts_again_with_them()
    {
        await CreateAsync(host.Node, "restarted-for-it", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "resources": { "requests": { "memory": "32Mi" }, "limits": { "memory": "64Mi" } },
              "resizePolicy": [ { "resourceName": "memory", "restartPolicy": "RestartContainer" } ] } ]
            """, grace: 1);
        await PodIsAsync(host.Node, "restarted-for-it", IsReady);
        await ResizeAsync("restarted-for-it", """{ "requests": { "memory": "16Mi" }, "limits": { "memory": "32Mi" } }""");
        await PodIsAsync(host.Node, "restarted-for-it", p => IsReady(p) && Restarts(p) == 1 && Shown(p, "limits", "memory") == "32Mi");
    }

    [Fact]
    public async Task What_the_node_cannot_give_is_said_and_nothing_changes()
    {
        await CreateAsync(host.Node, "greedy", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "resources": { "requests": { "cpu": "100m" } } } ]
            """);
        await PodIsAsync(host.Node, "greedy", IsReady);
        await ResizeAsync("greedy", """{ "requests": { "cpu": "5000" } }""");
        var refused = await PodIsAsync(host.Node, "greedy", p => Pending(p) is not null);
        Assert.Equal("Infeasible", (string?)Pending(refused)!["reason"]);
        Assert.Equal("100m", Shown(refused, "requests", "cpu"));
        await ResizeAsync("greedy", """{ "requests": { "cpu": "110m" } }""");
        await PodIsAsync(host.Node, "greedy", p => Pending(p) is null && Shown(p, "requests", "cpu") == "110m");
    }

    [Fact]
    public async Task A_request_of_nothing_is_the_least_that_the_engine_takes()
    {
        await CreateAsync(host.Node, "modest", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "resources": { "requests": { "cpu": "100m", "memory": "64Mi" } } } ]
            """);
        await PodIsAsync(host.Node, "modest", IsReady);
        await ResizeAsync("modest", """{ "requests": { "cpu": "10m", "memory": "0" } }""");
        await PodIsAsync(host.Node, "modest", p => Shown(p, "requests", "memory") == "0");
        Assert.Equal("10 0 0 6291456", await HeldAsync("modest"));
    }

    [Fact]
    public async Task A_container_that_may_end_well_starts_again_for_them_all_the_same()
    {
        await CreateAsync(host.Node, "polite", "OnFailure", $$"""
            "containers": [ {{Runs("trap 'exit 0' TERM; while true; do sleep 0.1; done")}}, "resources": { "requests": { "memory": "32Mi" } },
              "resizePolicy": [ { "resourceName": "memory", "restartPolicy": "RestartContainer" } ] } ]
            """, grace: 20);
        await PodIsAsync(host.Node, "polite", IsReady);
        await ResizeAsync("polite", """{ "requests": { "memory": "16Mi" } }""");
        var again = await PodIsAsync(host.Node, "polite", p => (string?)p["status"]?["phase"] == "Succeeded" || (IsReady(p) && Shown(p, "requests", "memory") == "16Mi"));
        Assert.Equal(("Running", 1), ((string?)again["status"]!["phase"], Restarts(again)));
    }

    [Fact]
    public async Task A_pod_that_is_replaced_by_itself_is_not_resized_however_its_amounts_are_written()
    {
        await CreateAsync(host.Node, "replaced", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "resources": { "requests": { "cpu": "500m" }, "limits": { "cpu": "500m", "memory": "64Mi" } } } ]
            """);

        // Once it has its node, so that it is the same one that is sent.
        var sent = (await PodIsAsync(host.Node, "replaced", p => p["spec"]?["nodeName"] is not null)).DeepClone();
        sent["metadata"]!.AsObject().Remove("resourceVersion");
        sent["spec"]!["containers"]![0]!["resources"] = JsonNode.Parse("""{ "limits": { "cpu": "0.5", "memory": "65536Ki" } }""");
        var stored = await host.Node.AskAsync(HttpMethod.Put, "/api/v1/namespaces/default/pods/replaced", sent.ToJsonString());
        Assert.Equal("500m", (string?)stored["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"]);
    }

    [Fact]
    public async Task Resources_change_by_their_subresource_alone_and_only_as_the_rules_allow()
    {
        await CreateAsync(host.Node, "ruled", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "resources": { "requests": { "cpu": "100m" } } } ]
            """);
        const string body = """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"120m"}}}]}}""";
        var direct = await Assert.ThrowsAsync<HttpRequestException>(() => host.Node.AskAsync(HttpMethod.Patch, "/api/v1/namespaces/default/pods/ruled", body, Patch));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, direct.StatusCode);
        Assert.Contains("may only be changed by way of the subresource resize", direct.Message, StringComparison.Ordinal);
        var best = await Assert.ThrowsAsync<HttpRequestException>(() => ResizeAsync("ruled", """{ "requests": { "cpu": "100m" }, "limits": { "cpu": "100m", "memory": "1Gi" } }"""));
        Assert.Contains("Pod QOS Class may not change", best.Message, StringComparison.Ordinal);
    }

    private Task<JsonNode> ResizeAsync(string pod, string resources) => host.Node.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/pods/{pod}/resize",
        $$"""{"spec":{"containers":[{"name":"main","resources":{{resources}} }]} }""", Patch);

    private async Task<string> HeldAsync(string pod) =>
        (await Command.RunAsync("docker", ["inspect", "--format", "{{.HostConfig.CpuShares}} {{.HostConfig.CpuQuota}} {{.HostConfig.Memory}} {{.HostConfig.MemoryReservation}}", await host.ContainerAsync(pod, "main")],
            TimeSpan.FromSeconds(30))).Succeeded().Trim();

    private static string? Shown(JsonNode pod, string list, string resource) => (string?)pod["status"]?["containerStatuses"]?[0]?["resources"]?[list]?[resource];

    private static JsonNode? Pending(JsonNode pod) => pod["status"]?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == "PodResizePending");
}
