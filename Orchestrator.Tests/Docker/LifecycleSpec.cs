using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Containers that come and go in an order, as real ones meet it.</summary>
public sealed class LifecycleSpec
{
    [Fact]
    public async Task A_sidecar_is_up_before_the_main_container_and_ends_after_it()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        const string mount = "\"volumeMounts\": [ { \"name\": \"v\", \"mountPath\": \"/v\" } ]";
        await CreateAsync(node, "job", "Never", $$"""
            "initContainers": [
              {{Runs("trap 'test -f /v/done && exit 7' TERM; touch /v/up; while :; do sleep 0.1; done", "side")}}, "restartPolicy": "Always",
                "startupProbe": { "exec": { "command": [ "test", "-f", "/v/up" ] }, "periodSeconds": 1 }, {{mount}} },
              {{Runs("test -f /v/up", "check")}}, {{mount}} } ],
            "containers": [ {{Runs("test -f /v/up && touch /v/done")}}, {{mount}} } ],
            "volumes": [ { "name": "v", "emptyDir": {} } ]
            """, grace: 20);
        var pod = await PodIsAsync(node, "job", p => (string?)p["status"]?["phase"] is "Succeeded" or "Failed");
        Assert.Equal("Succeeded", (string?)pod["status"]!["phase"]);
        var side = pod["status"]!["initContainerStatuses"]![0]!;
        Assert.Equal(7, (int)side["state"]!["terminated"]!["exitCode"]!);
        Assert.Equal(0, (int)side["restartCount"]!);
    }

    [Fact]
    public async Task Hooks_run_after_the_start_and_before_the_end()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var shared = new TempFolder();
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        const string mount = "\"volumeMounts\": [ { \"name\": \"v\", \"mountPath\": \"/v\" } ]";
        await CreateAsync(node, "hooked", "Always", $$"""
            "containers": [
              {{Runs("trap 'echo term >> /v/said; exit 0' TERM; while :; do sleep 0.1; done", "first")}}, {{mount}}, "lifecycle": {
                "postStart": { "exec": { "command": [ "sh", "-c", "sleep 1; echo started >> /v/said" ] } },
                "preStop": { "exec": { "command": [ "sh", "-c", "sleep 1; echo stopping >> /v/said" ] } } } },
              {{Runs("echo second >> /v/said; sleep 3600", "second")}}, {{mount}}, "lifecycle": { "preStop": { "sleep": { "seconds": 1 } } } } ],
            "volumes": [ { "name": "v", "hostPath": { "path": "{{shared.Path}}" } } ]
            """, grace: 3);
        await CreateAsync(node, "broken", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "lifecycle": { "postStart": { "exec": { "command": [ "false" ] } } } } ]
            """);
        await PodIsAsync(node, "hooked", p => (string?)p["status"]?["phase"] == "Running");
        await PodIsAsync(node, "broken", p => (int?)p["status"]?["containerStatuses"]?[0]?["restartCount"] > 0);
        await node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/hooked");
        await Poll.UntilAsync(async () => (await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods"))["items"]!.AsArray().Count == 1,
            TimeSpan.FromSeconds(30), () => $"the pod is gone; the node said: {node.Output}");
        Assert.Equal(["started", "second", "stopping", "term"], await File.ReadAllLinesAsync(shared.File("said")));
        var events = (await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/events"))["items"]!.AsArray();
        Assert.Contains("PostStartHook failed: exit code 1", events.Where(e => (string?)e!["reason"] == "FailedPostStartHook").Select(e => (string?)e!["message"]));
    }
}
