using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Workers;

/// <summary>The metrics of nodes in another process.</summary>
public sealed class WorkerUsageSpec
{
    [Fact]
    public async Task A_worker_reports_what_its_pods_use()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("usage.conf"), "orchestrator.metric-resolution = 1s\n");
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control", "--config", folder.File("usage.conf")]));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 2, Options: ["--config", folder.File("usage.conf")], Seed: control));
        var kubectl = control.Kubectl(Kubectl.Newest, "default");
        (await kubectl.FeedAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              annotations:
                simulation.orchestrator.io/cpu: 70m
            spec:
              containers:
              - name: main
                image: i
            """, "apply", "-f", "-")).Succeeded();
        var nodes = Columns.Rows(await kubectl.WaitForAsync("top nodes", t => Columns.Rows(t).Length == 2));
        Assert.All(nodes, n => Assert.StartsWith(worker.Name, n[0], StringComparison.Ordinal));
        await kubectl.WaitForAsync("top pods", t => Columns.Rows(t) is [["web", "70m", "1Mi"]]);

        // An autoscaler would be misled by what was true when the worker was lost.
        await worker.KillAsync();
        await kubectl.WaitForAsync("get --raw /apis/metrics.k8s.io/v1beta1/nodes", t => t.Contains("\"items\":[]", StringComparison.Ordinal), TimeSpan.FromSeconds(120));
    }
}
