using System.Globalization;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A machine that shuts down, as far as its host is told.</summary>
public sealed class ShutdownSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Pods_end_in_order_and_new_ones_are_refused_but_a_restart_leaves_them()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("down.conf"), "orchestrator.shutdown { grace-period = 40s\n grace-period-critical-pods = 20s }\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("down.conf")]));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");

        // It writes down when it is told to end, and does.
        const string ends = "trap 'read a b < /proc/uptime; echo $a > /dev/termination-log; exit 0' TERM; while :; do sleep 0.1; done";
        await CreateAsync(node, "usual", "Always", $$""" "containers": [ {{Runs(ends)}} } ] """, grace: 30);
        await CreateAsync(node, "critical", "Always", $$""" "priorityClassName": "system-node-critical", "containers": [ {{Runs(ends)}} } ] """, grace: 30);
        await kubectl.SucceedAsync("wait pod/usual pod/critical --for=condition=Ready --timeout=60s");

        // An upgrade is no shutdown.
        await node.StopAsync();
        await node.RestartAsync();
        await kubectl.SucceedAsync("wait pod/usual pod/critical --for=condition=Ready --timeout=60s");
        Assert.Equal("0 0", await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].status.containerStatuses[0].restartCount}"));

        (await Command.RunAsync("kill", ["-PWR", node.Pid.ToString(CultureInfo.InvariantCulture)], Bound)).Succeeded();
        foreach (var pod in (string[])["usual", "critical"])
        {
            Assert.Equal("Failed:Terminated:Pod was terminated in response to imminent node shutdown.",
                await kubectl.WaitForAsync($"get pod {pod} -o jsonpath={{.status.phase}}:{{.status.reason}}:{{.status.message}}", t => t.StartsWith("Failed", StringComparison.Ordinal), TimeSpan.FromMinutes(1)));
            Assert.Equal("True TerminationByKubelet", await kubectl.SucceedAsync($"get pod {pod} -o jsonpath={{.status.conditions[?(@.type==\"DisruptionTarget\")]['status','reason']}}"));
        }

        Assert.True(await ToldAsync("usual") < await ToldAsync("critical"));
        Assert.Equal("False KubeletNotReady node is shutting down",
            await kubectl.WaitForAsync($"get node {node.Name} -o jsonpath={{.status.conditions[?(@.type==\"Ready\")]['status','reason','message']}}", t => t.StartsWith("False", StringComparison.Ordinal)));
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "late" }, "spec": { "nodeName": "{{node.Name}}", "tolerations": [ { "operator": "Exists" } ], "containers": [ {{Runs("sleep 1")}} } ] } }
            """);
        Assert.Equal("Failed:NodeShutdown:Pod was rejected as the node is shutting down.",
            await kubectl.WaitForAsync("get pod late -o jsonpath={.status.phase}:{.status.reason}:{.status.message}", t => t.StartsWith("Failed", StringComparison.Ordinal)));

        async Task<decimal> ToldAsync(string pod) => decimal.Parse(
            await kubectl.SucceedAsync($"get pod {pod} -o jsonpath={{.status.containerStatuses[0].state.terminated.message}}"), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_host_that_only_stops_with_its_machine_ends_its_pods_when_it_is_told_to_stop()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("down.conf"), "orchestrator.shutdown { grace-period-by-pod-priority = [ { priority = 0, period = 20s } ]\n on-stop = true }\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("down.conf")]));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        await CreateAsync(node, "pod", "Always", $$""" "containers": [ {{Runs("sleep 3600")}} } ] """);
        await kubectl.SucceedAsync("wait pod/pod --for=condition=Ready --timeout=60s");
        Assert.Equal(0, await node.StopAsync());
        await node.RestartAsync();
        Assert.Equal("Failed:Terminated", await kubectl.SucceedAsync("get pod pod -o jsonpath={.status.phase}:{.status.reason}"));
    }
}
