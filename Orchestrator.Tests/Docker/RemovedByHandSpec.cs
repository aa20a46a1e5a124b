using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Somebody ends or removes what the agent made.</summary>
[Collection(DockerHost.Name)]
public sealed class RemovedByHandSpec(DockerHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("killed", "kill", false)]
    [InlineData("removed", "rm -f", false)]
    [InlineData("restarted", "restart -t 0", false)]
    [InlineData("away", "kill", true)]
    [InlineData("away-restarted", "restart -t 0", true)]
    public async Task A_pod_without_its_sandbox_runs_again_in_a_new_one(string name, string command, bool isAgentAway)
    {
        await CreateAsync(host.Node, name, "Always", $$"""
            "initContainers": [ {{Runs("echo prepared >> /data/log", "prepare")}}, "volumeMounts": [ { "name": "work", "mountPath": "/data" } ] } ],
            "containers": [ { "name": "main", "image": "{{SampleImage.First}}", "imagePullPolicy": "IfNotPresent",
              "readinessProbe": { "httpGet": { "path": "/", "port": 80 }, "periodSeconds": 1, "failureThreshold": 1 } } ],
            "volumes": [ { "name": "work", "emptyDir": {} } ]
            """, grace: 1);
        var before = await PodIsAsync(host.Node, name, IsReady);
        if (isAgentAway)
        {
            await host.Node.KillAsync();
        }

        await DockerAsync($"{command} {await host.ContainerAsync(name, "POD")}");
        if (isAgentAway)
        {
            await host.Node.RestartAsync();
        }

        var after = await PodIsAsync(host.Node, name, p => IsReady(p) && Restarts(p) == 1);
        Assert.Equal(1, (int)after["status"]!["initContainerStatuses"]![0]!["restartCount"]!);
        Assert.Equal(["prepared", "prepared"], await File.ReadAllLinesAsync(Path.Combine(host.Node.DataDir, "pods", (string)before["metadata"]!["uid"]!, "volumes", "work", "log")));
        Assert.Contains($"inet {(string?)after["status"]!["podIP"]}/", await DockerAsync($"exec {await host.ContainerAsync(name, "main")} ip -4 addr show eth0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_was_removed_starts_again_and_counts_once()
    {
        await CreateAsync(host.Node, "lost", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "readinessProbe": { "exec": { "command": [ "true" ] }, "periodSeconds": 1 } } ]
            """);
        await CreateAsync(host.Node, "once", "Never", $$"""
            "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await PodIsAsync(host.Node, "once", IsReady);
        var before = await PodIsAsync(host.Node, "lost", IsReady);
        await DockerAsync($"rm -f {await host.ContainerAsync("lost", "main")} {await host.ContainerAsync("once", "main")}");
        var after = await PodIsAsync(host.Node, "lost", p => IsReady(p) && Restarts(p) == 1);
        Assert.NotNull(after["status"]!["containerStatuses"]![0]!["lastState"]!["terminated"]);
        await PodIsAsync(host.Node, "once", p => (string?)p["status"]!["phase"] == "Failed" && Restarts(p) == 0);

        // Also if the agent does not see it happen.
        await host.Node.KillAsync();
        await DockerAsync($"rm -f {await host.ContainerAsync("lost", "main")}");
        await host.Node.RestartAsync();
        await PodIsAsync(host.Node, "lost", p => IsReady(p) && Restarts(p) == 2);
        var since = (string)before["metadata"]!["resourceVersion"]!;
        var counts = (await host.Node.AskAsync(HttpMethod.Get, "/apis/history.orchestrator.io/v1/core/pods/default/lost"))["items"]!.AsArray()
            .Where(e => (long)e!["revision"]! >= long.Parse(since, null)).Select(e => (int?)e!["change"]?["status"]?["containerStatuses"]?[0]?["restartCount"]).OfType<int>().ToList();
        Assert.Equal(counts.Order(), counts);
        Assert.DoesNotContain("InvalidActorNameException", host.Node.Output, StringComparison.Ordinal);
    }

    private static async Task<string> DockerAsync(string command) => (await Command.RunAsync("docker", command.Split(' '), Bound)).Succeeded().Trim();
}
