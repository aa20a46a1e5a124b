using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>How pods end on the engine, and what is left of them there.</summary>
[Collection(DockerHost.Name)]
public sealed class EndedPodSpec(DockerHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static string Broken => $$"""{ "name": "main", "image": "{{SampleImage.First}}", "imagePullPolicy": "IfNotPresent", "command": [ "/bin/does-not-exist" ] }""";

    [Theory]
    [InlineData("Never", false)]
    [InlineData("Never", true)]
    [InlineData("OnFailure", false)]
    [InlineData("Always", false)]
    [InlineData("Always", true)]
    public async Task A_container_that_cannot_start_has_ended_and_its_restart_policy_decides(string policy, bool isInit)
    {
        var name = $"broken-{policy.ToLowerInvariant()}{(isInit ? "-init" : "")}";
        await CreateAsync(host.Node, name, policy, isInit
            ? $$""" "initContainers": [ {{Broken}} ], "containers": [ {{Runs("sleep 3600", "later")}} } ] """
            : $$""" "containers": [ {{Broken}} ] """);
        var list = isInit ? "initContainerStatuses" : "containerStatuses";
        JsonNode ended;
        if (policy == "Never")
        {
            var pod = await PodIsAsync(host.Node, name, p => (string?)p["status"]?["phase"] == "Failed");
            ended = pod["status"]![list]![0]!["state"]!["terminated"]!;
            Assert.Equal(0, (int)pod["status"]![list]![0]!["restartCount"]!);
        }
        else
        {
            var pod = await PodIsAsync(host.Node, name, p => p["status"]?[list]?[0] is { } c && (int)c["restartCount"]! >= 1 && (string?)c["state"]!["waiting"]?["reason"] == "CrashLoopBackOff");
            ended = pod["status"]![list]![0]!["lastState"]!["terminated"]!;
            Assert.Equal(isInit ? "Pending" : "Running", (string?)pod["status"]!["phase"]);
        }

        Assert.Equal((127, "ContainerCannotRun"), ((int)ended["exitCode"]!, (string)ended["reason"]!));
        Assert.Contains("/bin/does-not-exist: no such file", (string)ended["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_was_evicted_stops_and_gives_its_port_to_its_replacement()
    {
        var port = FreePort.Next();
        await host.Node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", $$"""
            { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "one" }, "spec": { "strategy": { "type": "Recreate" },
              "selector": { "matchLabels": { "app": "one" } }, "template": { "metadata": { "labels": { "app": "one" } }, "spec": { "terminationGracePeriodSeconds": 1,
                "containers": [ {{Runs("sleep 3600")}}, "ports": [ { "containerPort": 80, "hostPort": {{port}} } ] } ] } } } }
            """);
        var first = (await PodsAsync(p => p.Count == 1 && IsReady(p[0]))).Single();
        var name = (string)first["metadata"]!["name"]!;
        await host.Node.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/pods/{name}/status", """{"status":{"phase":"Failed","reason":"Evicted"}}""", "application/merge-patch+json");
        var pods = await PodsAsync(p => p.Count == 2 && p.Exists(IsReady) && p.Exists(x => x["status"]?["containerStatuses"]?[0]?["state"]?["terminated"] is not null));
        var evicted = pods.Single(p => (string)p["metadata"]!["name"]! == name)["status"]!;
        Assert.Equal(("Failed", "Evicted", false), ((string)evicted["phase"]!, (string)evicted["reason"]!, (bool)evicted["containerStatuses"]![0]!["ready"]!));
        await SandboxStopsAsync(name);
        await host.Node.AskAsync(HttpMethod.Delete, "/apis/apps/v1/namespaces/default/deployments/one");
    }

    [RootFact]
    public async Task The_previous_log_is_that_of_the_run_that_the_last_state_tells_of()
    {
        await CreateAsync(host.Node, "crash", "Always", $$"""
            "containers": [ {{Runs("echo x >> /w/n; echo run $(wc -l < /w/n); exit 1")}}, "volumeMounts": [ { "name": "w", "mountPath": "/w" } ] } ],
            "volumes": [ { "name": "w", "emptyDir": {} } ]
            """);
        await PodIsAsync(host.Node, "crash", p => p["status"]?["containerStatuses"]?[0] is { } c && (int)c["restartCount"]! == 1 && (string?)c["state"]!["waiting"]?["reason"] == "CrashLoopBackOff");
        Assert.Equal("run 2\n", await host.Node.ReadAsync("/api/v1/namespaces/default/pods/crash/log?previous=true"));
        Assert.Equal("run 2\n", await host.Node.ReadAsync("/api/v1/namespaces/default/pods/crash/log"));

        await CreateAsync(host.Node, "first", "Never", $$"""
            "containers": [ {{Runs("exit 1")}} } ]
            """);
        await PodIsAsync(host.Node, "first", p => (string?)p["status"]?["phase"] == "Failed");
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => host.Node.ReadAsync("/api/v1/namespaces/default/pods/first/log?previous=true"));
        Assert.Contains("previous terminated container", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_is_done_keeps_no_sandbox_and_its_log()
    {
        await CreateAsync(host.Node, "done", "Never", $$"""
            "containers": [ {{Runs("echo said")}} } ]
            """);
        var pod = await PodIsAsync(host.Node, "done", p => (string?)p["status"]?["phase"] == "Succeeded");
        await SandboxStopsAsync("done");
        Assert.Equal("said\n", await host.Node.ReadAsync("/api/v1/namespaces/default/pods/done/log"));
        var later = (await PodAsync(host.Node, "done"))["status"]!;
        Assert.Equal((string?)pod["status"]!["podIP"], (string?)later["podIP"]);
        Assert.Equal("Succeeded", (string?)later["phase"]);
    }

    private Task SandboxStopsAsync(string pod) => Poll.UntilAsync(
        async () => (await Command.RunAsync("docker", ["inspect", "--format", "{{.State.Status}} {{.NetworkSettings.IPAddress}}", await host.ContainerAsync(pod, "POD")], Bound)).Succeeded().Trim() == "exited",
        Bound, () => $"the sandbox of {pod} is stopped and has no address");

    private async Task<List<JsonNode>> PodsAsync(Func<List<JsonNode>, bool> fact)
    {
        List<JsonNode> pods = [];
        await Poll.UntilAsync(
            async () => fact(pods = [.. (await host.Node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods?labelSelector=app%3Done"))["items"]!.AsArray().Select(p => p!)]),
            Bound, () => $"the pods are as they should be: {string.Join('\n', pods.Select(p => p["status"]!.ToJsonString()))}; the node said: {host.Node.Output}");
        return pods;
    }
}
