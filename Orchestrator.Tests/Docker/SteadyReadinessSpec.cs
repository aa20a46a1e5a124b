using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>The death of a control host is none of its pods' business: those that live stay ready.</summary>
public sealed class SteadyReadinessSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pod_that_lives_stays_ready_when_its_control_host_is_killed(bool hasWorker)
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var control = await NodeProcess.StartAsync(hasWorker ? new NodeSettings(SimulatedNodes: 0, Options: ["--roles", "control", "--cluster-address", FreePort.Address().ToString()]) : new NodeSettings("docker", 0));
        await using var worker = hasWorker ? await NodeProcess.StartAsync(new NodeSettings("docker", 0, Seed: control)) : null;

        // The first probe after a start comes late enough that a pod which waits for it is seen.
        await CreateAsync(control, "web", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "startupProbe": { "exec": { "command": [ "true" ] }, "initialDelaySeconds": 3 },
              "readinessProbe": { "exec": { "command": [ "true" ] }, "initialDelaySeconds": 3, "periodSeconds": 1 } } ]
            """);
        var before = await PodIsAsync(control, "web", p => IsReady(p) == "True");
        await control.KillAsync();
        await control.RestartAsync();

        // The agent is back when it runs another pod.
        await CreateAsync(control, "later", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await Poll.UntilAsync(async () => IsReady(await PodAsync(control, "later")) == "True", Bound, () => $"the agent works again; it said {(worker ?? control).Output}");
        await Task.Delay(TimeSpan.FromSeconds(8)); // Longer than the probes of a new container take.
        var history = (await control.AskAsync(HttpMethod.Get, "/apis/history.orchestrator.io/v1/core/pods/default/web"))["items"]!.AsArray();
        var since = long.Parse((string)before["metadata"]!["resourceVersion"]!);
        Assert.All(history.Where(e => (long)e!["revision"]! > since), e => Assert.DoesNotContain("False", Conditions(e!), StringComparison.Ordinal));
        var after = await PodAsync(control, "web");
        Assert.Equal(Since(before), Since(after));
        Assert.Equal(0, (int)after["status"]!["containerStatuses"]![0]!["restartCount"]!);
    }

    private static string Conditions(JsonNode e) => e["change"]?["status"]?["conditions"]?.ToJsonString() ?? "";

    private static JsonNode? Ready(JsonNode pod) => pod["status"]?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == "Ready");

    private static string? IsReady(JsonNode pod) => (string?)Ready(pod)?["status"];

    private static string? Since(JsonNode pod) => (string?)Ready(pod)?["lastTransitionTime"];
}
