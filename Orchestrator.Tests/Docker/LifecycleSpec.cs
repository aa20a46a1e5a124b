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
}
