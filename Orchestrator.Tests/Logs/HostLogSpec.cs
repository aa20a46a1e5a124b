using System.Text.RegularExpressions;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Logs;

/// <summary>The log of a control host that loses a worker and has a pod in a crash loop.</summary>
public sealed partial class HostLogSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Each_thing_that_happened_is_one_line()
    {
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 0, Seed: control));
        var host = worker.ClusterAddress;
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", """
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "crash" },
              "spec": { "containers": [ { "name": "main", "image": "any", "command": ["sh", "-c", "exit 1"] } ] } }
            """);
        await LineAsync(control, "reason=BackOff");
        await worker.KillAsync();
        await LineAsync(control, "was removed from the cluster");
        Assert.Equal(0, await control.StopAsync());

        var lines = control.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(Line(), line));
        Assert.Single(lines, line => line.Contains(" component=host msg=Ready roles=control", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains($" level=info component=membership-log msg=\"A host joined the cluster\" host={host} roles=worker", StringComparison.Ordinal));
        var lost = Assert.Single(lines, line => line.Contains(host, StringComparison.Ordinal) && line.Contains(" level=warning ", StringComparison.Ordinal));
        Assert.Contains("msg=\"A host does not answer\"", lost, StringComparison.Ordinal);
        Assert.Single(lines, line => line.Contains($" msg=\"The agent of the node is lost\" object=nodes/{worker.Name}", StringComparison.Ordinal));
        Assert.Contains(lines, line => BackOff().IsMatch(line));
        Assert.DoesNotContain(lines, line => line.Contains(" level=error ", StringComparison.Ordinal));
    }

    private static Task LineAsync(NodeProcess node, string part) =>
        Poll.UntilAsync(() => Task.FromResult(node.Output.Contains(part, StringComparison.Ordinal)), Bound, () => $"the log has {part}; it is\n{node.Output}");

    [GeneratedRegex("^time=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z level=(info|warning|error) component=[a-z-]+ msg=")]
    private static partial Regex Line();

    [GeneratedRegex(" level=warning component=events msg=\"Back-off restarting failed container main in pod [^\"]*\" object=pods/default/crash reason=BackOff count=[0-9]+ source=kubelet revision=[0-9]+$")]
    private static partial Regex BackOff();
}
