using System.Globalization;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>What real containers use, as kubectl shows it.</summary>
public sealed class UsageSpec
{
    [Fact]
    public async Task A_busy_container_is_told_from_an_idle_one()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("usage.conf"), "orchestrator.metric-resolution = 1s\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("usage.conf")]));
        await CreateAsync(node, "pod", "Always", $$"""
            "containers": [ {{Runs("while :; do :; done", "busy")}} }, {{Runs("sleep 3600", "idle")}} } ]
            """);
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        var top = Columns.Rows(await kubectl.WaitForAsync("top pod pod --containers", t => Columns.Rows(t) is [[_, "busy", var cpu, _], _] && Milli(cpu) >= 100)).ToDictionary(r => r[1]);
        Assert.InRange(Milli(top["busy"][2]), 100, 1100);
        Assert.InRange(Milli(top["idle"][2]), 0, 50);
        Assert.All(top.Values, r => Assert.EndsWith("Mi", r[3], StringComparison.Ordinal));
        var host = Assert.Single(Columns.Rows(await kubectl.SucceedAsync("top node")));
        Assert.True(Milli(host[1]) >= 100, string.Join(' ', host));
    }

    [Fact]
    public async Task An_autoscaler_adds_containers_under_load()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("usage.conf"), "orchestrator { metric-resolution = 1s, horizontal-pod-autoscaler { sync-period = 1s, cpu-initialization-period = 0s } }\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("usage.conf")]));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");

        // Each container uses all that it may, twice what it requests: however many there are, they are too few.
        (await kubectl.FeedAsync($"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: busy
            spec:
              selector:
                matchLabels:
                  app: busy
              template:
                metadata:
                  labels:
                    app: busy
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: main
                    image: {SampleImage.First}
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "while :; do :; done"]
                    resources:
                      requests:
                        cpu: 50m
                      limits:
                        cpu: 100m
            """, "apply", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("autoscale deployment busy --cpu-percent=50 --min=1 --max=3");
        await kubectl.WaitForAsync("get deployment busy -o jsonpath={.status.readyReplicas}", t => t == "3", TimeSpan.FromSeconds(120));
        var described = await kubectl.SucceedAsync("describe hpa busy");
        Assert.Contains("cpu resource utilization (percentage of request) above target", described, StringComparison.Ordinal);
        Assert.Contains("TooManyReplicas", described, StringComparison.Ordinal);
    }

    private static int Milli(string cpu) => int.Parse(cpu.TrimEnd('m'), CultureInfo.InvariantCulture);
}
